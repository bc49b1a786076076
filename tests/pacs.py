"""Real peers to speak with: Orthanc, DCMTK's dcmqrscp and storescp, on free ports of this machine.

Each is a context manager that starts the program in a folder of its own, waits until it answers, and stops
it by its process id. Tests ask for the fixtures of `conftest.py` (`orthanc`, `qrscp` ...), which live for
the whole session: so a test stores what it looks for, under UIDs of its own.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from viewer.network.peer import OWN_AE_TITLE, Peer, Tls

HOST = "127.0.0.1"
STARTING = 30.0  # s that a program may take until it answers
ENDING = 8.0
ATTEMPTS = 3  # a port may be taken between being found free and being bound
PLUGIN_FOLDERS = (
    "/usr/share/orthanc/plugins",
    "/usr/lib/orthanc/plugins",
    "/usr/local/share/orthanc/plugins",
)
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
PACKAGES = {"Orthanc": "orthanc", "dcmqrscp": "dcmtk", "storescp": "dcmtk", "storescu": "dcmtk"}


# ------------------------------------------------------------------------------------------------- programs
def missing(reason: str) -> None:
    """Skip a test whose programs are not installed, but fail where CI promised to install them."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def program(name: str) -> str:
    """Return the path of a program, or skip (fail where CI is "true")."""
    found = shutil.which(name, path=PATH)
    if found is None:
        missing(f"{name} is not installed (Debian package {PACKAGES.get(name, name)})")
    return str(found)


def dicomweb_plugin() -> str:
    """Return the path of Orthanc's DICOMweb plug-in, or skip (fail where CI is "true")."""
    for folder in PLUGIN_FOLDERS:
        for found in sorted(Path(folder).glob("libOrthancDicomWeb.so*")):
            return str(found)
    missing("Orthanc's DICOMweb plug-in is not installed (Debian package orthanc-dicomweb)")
    raise AssertionError


def free_ports(count: int) -> list[int]:
    """Return numbers of ports that nothing listens on just now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def listens(port: int) -> bool:
    """Return whether a TCP connection is accepted."""
    try:
        socket.create_connection((HOST, port), 0.5).close()
    except OSError:
        return False
    return True


@contextmanager
def running(
    words: list[str], folder: Path, ready: Callable[[], bool], *, nagle: bool = False
) -> Iterator[int]:
    """Run a server until the block ends and yield its process id; RuntimeError when it does not start.

    DCMTK since 3.6.2 leaves Nagle's algorithm on, which costs 40 ms a message; the builds of Orthanc's
    authors switch it off, and so do we unless `nagle`.
    """
    log = folder / "log.txt"
    guard = shutil.which("setpriv")  # ends it with us, even when we are killed
    command = [guard, "--pdeathsig", "TERM", "--", *words] if guard else words
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=folder,
            env=os.environ | {"TCP_NODELAY": "0" if nagle else "1"},
            start_new_session=True,  # what it forks ends with it
        )
    try:
        deadline = time.monotonic() + STARTING
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{words[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.03)
        yield process.pid
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and what it has forked."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            process.wait(ENDING)
        return


# --------------------------------------------------------------------------------------------- certificates
@dataclass(frozen=True)
class Certificates:
    """Certificates and keys of a throw-away authority, as PEM files in a folder."""

    folder: Path

    def path(self, name: str) -> str:
        """Return the path of a file: authority.crt, server.crt, server.key, client.crt ..."""
        return str(self.folder / name)

    @property
    def client(self) -> Tls:
        """What we show and trust at a peer that is right."""
        return Tls(self.path("authority.crt"), self.path("client.crt"), self.path("client.key"))

    @property
    def stranger(self) -> Tls:
        """Our certificate is of an authority that the peer does not know."""
        return Tls(self.path("authority.crt"), self.path("stranger.crt"), self.path("stranger.key"))

    @property
    def suspicious(self) -> Tls:
        """We do not know the authority of the peer's certificate."""
        return Tls(self.path("foreign.crt"), self.path("client.crt"), self.path("client.key"))


def make_certificates(folder: Path) -> Certificates:
    """Make two authorities, and of them: server, client, expired (of a server) and stranger."""
    openssl = program("openssl")

    def call(words: str, *more: str) -> None:
        subprocess.run([openssl, *words.split(), *more], check=True, cwd=folder, capture_output=True)

    for name in ("authority", "foreign"):
        call(
            f"req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.crt -days 30",
            *("-subj", f"/CN=throw-away {name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )
    for name, authority, days in (
        ("server", "authority", 30),
        ("client", "authority", 30),
        ("expired", "authority", -1),
        ("stranger", "foreign", 30),
    ):
        lines = (
            "subjectAltName=IP:127.0.0.1,DNS:localhost",
            "extendedKeyUsage=serverAuth,clientAuth",
            "keyUsage=critical,digitalSignature,keyEncipherment",
            "basicConstraints=critical,CA:FALSE",
            "authorityKeyIdentifier=keyid",
        )
        (folder / f"{name}.ext").write_text("\n".join(lines))
        call(f"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}")
        call(
            f"x509 -req -in {name}.csr -CA {authority}.crt -CAkey {authority}.key -CAcreateserial"
            f" -out {name}.crt -days {days} -extfile {name}.ext"
        )
    return Certificates(folder)


# --------------------------------------------------------------------------------------------------- servers
@dataclass(frozen=True)
class Orthanc:
    """A running Orthanc: DIMSE at `peer`, its own REST API at `http`, DICOMweb at `peer.web`."""

    peer: Peer
    http: int  # port
    viewer_port: int  # where it looks for us (OWN_AE_TITLE) as the destination of a C-MOVE
    folder: Path
    process: int

    def rest(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Return the answer of Orthanc's REST API."""
        return _http(self.http, method, path, body)

    def store(self, paths: Iterable[Path | str]) -> None:
        """Have it hold these files."""
        for path in paths:
            self.rest("POST", "/instances", Path(path).read_bytes())

    def held(self) -> list[Path]:
        """Return the objects in its storage, as files of the very bytes that it took."""
        names = (path for path in (self.folder / "storage").rglob("*") if path.is_file())
        return [path for path in names if path.read_bytes()[128:132] == b"DICM"]

    def delete(self, study_instance_uid: str) -> None:
        """Have it forget a study."""
        found = self.rest("POST", "/tools/lookup", study_instance_uid.encode())
        for row in json.loads(found):
            self.rest("DELETE", row["Path"])


@dataclass(frozen=True)
class DcmtkServer:
    """A running dcmqrscp or storescp."""

    peer: Peer
    viewer_port: int  # dcmqrscp looks there for us (OWN_AE_TITLE) as the destination of a C-MOVE
    folder: Path
    process: int

    def store(self, paths: Iterable[Path | str]) -> None:
        """Have it hold these files, in their transfer syntaxes."""
        words = [
            program("dcmsend"),
            "-q",
            "-dn",
            "-nuc",
            "-aec",
            self.peer.ae_title,
            HOST,
            str(self.peer.port),
        ]
        subprocess.run(
            [*words, *map(str, paths)], check=True, env=os.environ | {"TCP_NODELAY": "1"}, capture_output=True
        )

    def held(self) -> list[Path]:
        """Return the files of the objects that it took."""
        return [
            path
            for path in (self.folder / "storage").rglob("*")
            if path.is_file() and path.name != "index.dat"
        ]


def _http(port: int, method: str, path: str, body: bytes | None = None) -> bytes:
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.request(method, path, body)
        response = connection.getresponse()
        data = response.read()
    finally:
        connection.close()
    if response.status >= 400:
        raise RuntimeError(f"{method} {path}: {response.status} {data[:300]!r}")
    return data


def _answers(http_port: int, port: int) -> bool:
    try:
        _http(http_port, "GET", "/system")
    except (OSError, RuntimeError, http.client.HTTPException):
        return False
    return listens(port)


@contextmanager
def orthanc(
    folder: Path,
    *,
    certificates: Certificates | None = None,
    nagle: bool = False,
    settings: dict[str, Any] | None = None,
) -> Iterator[Orthanc]:
    """Run an Orthanc in a folder; DIMSE over mutual TLS with `certificates`; `settings` of its own file."""
    words = [program("Orthanc"), "orthanc.json"]
    plugin = dicomweb_plugin()
    (folder / "storage").mkdir(parents=True)
    for attempt in range(ATTEMPTS):
        port, web, viewer = free_ports(3)
        options: dict[str, Any] = {
            "Name": "test",
            "StorageDirectory": "storage",
            "IndexDirectory": "index",
            "Plugins": [plugin],
            "HttpPort": web,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomAet": "ORTHANC",
            "DicomPort": port,
            "DicomCheckCalledAet": True,
            "DicomAlwaysAllowFind": True,
            "DicomAlwaysAllowGet": True,
            "DicomAlwaysAllowMove": True,
            "DicomAlwaysAllowStore": True,
            "UnknownSopClassAccepted": True,
            "SyncStorageArea": False,
            "StorageCompression": False,
            "DicomThreadsCount": 8,
            "HttpThreadsCount": 8,
            "MaximumPduLength": 131072,
            "SaveJobs": False,
            "DefaultEncoding": "Utf8",
            "DicomModalities": {
                OWN_AE_TITLE: [OWN_AE_TITLE, HOST, viewer],
                "DEAD": ["DEAD", HOST, free_ports(1)[0]],
            },
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "StudiesMetadata": "Full"},
        }
        if certificates:
            options |= {
                "DicomTlsEnabled": True,
                "DicomTlsCertificate": certificates.path("server.crt"),
                "DicomTlsPrivateKey": certificates.path("server.key"),
                "DicomTlsTrustedCertificates": certificates.path("authority.crt"),
                "DicomTlsRemoteCertificateRequired": True,
            }
        (folder / "orthanc.json").write_text(json.dumps(options | (settings or {})))
        peer = Peer(
            "Orthanc",
            "ORTHANC",
            HOST,
            port,
            tls=certificates.client if certificates else None,
            web=f"http://{HOST}:{web}/dicom-web",
            timeout=10.0,
        )
        try:
            with running(words, folder, lambda w=web, p=port: _answers(w, p), nagle=nagle) as process:  # type: ignore[misc]
                yield Orthanc(peer, web, viewer, folder, process)
                return
        except RuntimeError as error:
            if attempt == ATTEMPTS - 1 or "did not start" not in str(error):
                raise


@contextmanager
def qrscp(folder: Path, *words: str) -> Iterator[DcmtkServer]:
    """Run a dcmqrscp in a folder with more options; without any it knows uncompressed objects only."""
    command = [program("dcmqrscp"), *words, "-c", "qrscp.cfg"]
    storage = folder / "storage"
    storage.mkdir(parents=True)
    for attempt in range(ATTEMPTS):
        port, viewer, dead = free_ports(3)
        lines = (
            f"NetworkTCPPort = {port}",
            "MaxPDUSize = 131072",
            "MaxAssociations = 32",
            "HostTable BEGIN",
            f"viewer = ({OWN_AE_TITLE}, {HOST}, {viewer})",
            f"dead = (DEAD, {HOST}, {dead})",
            "HostTable END",
            "VendorTable BEGIN",
            "VendorTable END",
            "AETable BEGIN",
            f"QRSCP {storage} RW (5000, 4096mb) ANY",
            "AETable END",
        )
        (folder / "qrscp.cfg").write_text("\n".join(lines) + "\n")
        try:
            with running(command, folder, lambda p=port: listens(p)) as process:  # type: ignore[misc]
                peer = Peer("dcmqrscp", "QRSCP", HOST, port, timeout=10.0)
                yield DcmtkServer(peer, viewer, folder, process)
                return
        except RuntimeError as error:
            if attempt == ATTEMPTS - 1 or "did not start" not in str(error):
                raise


@contextmanager
def storescp(
    folder: Path, *words: str, certificates: Certificates | None = None, server: str = "server"
) -> Iterator[DcmtkServer]:
    """Run a storescp with more options; over TLS with `certificates`, showing that of `server`."""
    storage = folder / "storage"
    storage.mkdir(parents=True)
    options = [program("storescp"), "-aet", "STORESCP", "+B", "-od", str(storage), *words]
    if certificates:
        options += ["+tls", certificates.path(f"{server}.key"), certificates.path(f"{server}.crt")]
        options += ["+cf", certificates.path("authority.crt"), "-rc"]
    for attempt in range(ATTEMPTS):
        port = free_ports(1)[0]
        try:
            with running([*options, str(port)], folder, lambda p=port: listens(p)) as process:  # type: ignore[misc]
                tls = certificates.client if certificates else None
                peer = Peer("storescp", "STORESCP", HOST, port, tls=tls, timeout=10.0)
                yield DcmtkServer(peer, 0, folder, process)
                return
        except RuntimeError as error:
            if attempt == ATTEMPTS - 1 or "did not start" not in str(error):
                raise


# --------------------------------------------------------------------------------------------------- content
def written(datasets: Iterable[Dataset], folder: Path) -> list[Path]:
    """Write datasets as Part 10 files and return their paths, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, dataset in enumerate(datasets):
        path = folder / f"{number:05}.dcm"
        dataset.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths
