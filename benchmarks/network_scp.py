"""Receiving: our own door against storescp, C-MOVE to it against movescu, and what an idle caller costs.

DCMTK runs with TCP_NODELAY=1: as it comes it stalls 40 ms a message, and beating that would prove nothing.
Nothing is made safe here but by a rename, as storescp does it: what the cache costs is measured with it.
"""

import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import material
from benchmarks.network import ENVIRONMENT, SLICES, STUDY, against, storescu
from benchmarks.pairs import Row
from viewer.network.access import Access
from viewer.network.dimse.contexts import NATIVE, VERIFICATION, numbered
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.negotiation import Proposal
from viewer.network.dimse.target import Target
from viewer.network.listening.listener import Listener
from viewer.network.listening.listener_config import Caller, ListenerConfig
from viewer.network.listening.move_here import move_here
from viewer.network.peer import Peer, Received

IDLE = 5.0  # s
ANYBODY = Caller("here", addresses=("127.0.0.1",), may_send=True)
SENT = "DESK"  # AE title of movescu's own door


@contextmanager
def door(folder: Path, port: int = 0) -> Iterator[Listener]:
    """Open a door that keeps nothing: each object is a whole file, and then it is removed."""

    def received(several: Sequence[Received]) -> list[bool | str]:
        for each in several:
            os.unlink(each.path)  # noqa: PTH108  a thousand times a second
        return [True] * len(several)

    folder.mkdir(exist_ok=True)
    config = ListenerConfig(port=port, callers=(ANYBODY,), floor_free_bytes=0)
    listener = Listener(config, folder, received)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


def moved(access: Access, listener: Listener) -> None:
    """Fetch the study by C-MOVE to our own door."""
    came = move_here(access, Target(STUDY), listener)
    if len(came.received) != SLICES:
        raise RuntimeError(f"{len(came.received)} of {SLICES} images came")


def movescu(access: Access, folder: Path, port: int) -> None:
    """Fetch the study by C-MOVE as DCMTK does, which writes into the folder that it runs in."""
    peer = access.peer
    words = f"movescu -q +B -S --port {port} -aet {SENT} -aem {SENT} -aec {peer.ae_title} -pdu 131072"
    keys = ["-k", "0008,0052=STUDY", "-k", f"0020,000d={STUDY}", peer.host, str(peer.port)]
    subprocess.run([*words.split(), *keys], check=True, env=ENVIRONMENT, capture_output=True, cwd=folder)
    if len(list(folder.iterdir())) != SLICES:
        raise RuntimeError("movescu did not get all images")


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle(listener: Listener) -> Row:
    """Return the share of a core that an association takes on which nobody says anything."""
    peer = Peer("door", "NEGATOSCOPE", "127.0.0.1", listener.status.port)
    with associate(Access(peer), Proposal(numbered([(VERIFICATION, NATIVE)])), lambda: False):
        before = processor_seconds(listener.pid)
        time.sleep(IDLE)
        share = (processor_seconds(listener.pid) - before) / IDLE * 100
    return Row("An idle association", share, "% of a core", "limit", 1.0, share, share, 1.0)


def measure() -> Iterator[Row]:
    """Compare our own door with storescp and movescu, on the same servers."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    pacs: Any = importlib.import_module("pacs")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, ExitStack() as stack:
        parent = Path(name)
        study = parent / "study"
        paths = material.ct_folder(study, SLICES)
        for kind in ("orthanc", "storescp"):
            (parent / kind).mkdir()
        ours = stack.enter_context(door(parent / "door"))
        yield idle(ours)
        sink = Access(stack.enter_context(pacs.storescp(parent / "storescp")).peer)
        own = Access(Peer("door", "NEGATOSCOPE", "127.0.0.1", ours.status.port))
        yield against(
            f"C-STORE of {SLICES} slices to us",
            lambda _: storescu(own, str(study)),
            lambda _: storescu(sink, str(study)),
            "storescp",
            1.25,
            parent,
        )
        port = pacs.free_ports(1)[0]
        modalities = {
            "NEGATOSCOPE": ["NEGATOSCOPE", pacs.HOST, ours.status.port],
            SENT: [SENT, pacs.HOST, port],
        }
        server = stack.enter_context(
            pacs.orthanc(parent / "orthanc", settings={"DicomModalities": modalities})
        )
        server.store(paths)
        orthanc = Access(server.peer)
        yield against(
            f"C-MOVE of {SLICES} slices to us",
            lambda _: moved(orthanc, ours),
            lambda folder: movescu(orthanc, folder, port),
            "movescu",
            0.67,
            parent,
        )
