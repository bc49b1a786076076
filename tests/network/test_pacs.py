"""The peers of the tests themselves: they start, hold what they are given, and are gone afterwards."""

import json
import socket
import ssl
from pathlib import Path

import make
import pacs
from pydicom import dcmread
from pydicom.uid import generate_uid


def test_orthanc_and_dcmqrscp_hold_what_they_were_given(
    orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer, tmp_path: Path
) -> None:
    study = generate_uid()
    paths = pacs.written(make.ct_series(2, StudyInstanceUID=study), tmp_path)
    for server in (orthanc, qrscp):
        before = len(server.held())
        server.store(paths)
        assert len(server.held()) == before + 2
    assert len(json.loads(orthanc.rest("POST", "/tools/lookup", study.encode()))) == 1
    newest = {dcmread(path).SOPInstanceUID for path in orthanc.held()}
    assert {dcmread(path).SOPInstanceUID for path in paths} <= newest


def test_a_server_is_gone_when_its_block_ends(tmp_path: Path) -> None:
    with pacs.qrscp(tmp_path / "peer") as server:
        assert pacs.listens(server.peer.port)
    assert not pacs.listens(server.peer.port)
    assert not Path(f"/proc/{server.process}").exists()


def test_the_doors_with_tls_want_a_certificate_that_they_trust(
    orthanc_tls: pacs.Orthanc, storescp_tls: pacs.DcmtkServer, certificates: pacs.Certificates
) -> None:
    context = ssl.create_default_context(cafile=certificates.path("authority.crt"))
    context.load_cert_chain(certificates.path("client.crt"), certificates.path("client.key"))
    for server in (orthanc_tls, storescp_tls):
        with (
            socket.create_connection((pacs.HOST, server.peer.port), 5) as plain,
            context.wrap_socket(plain, server_hostname=pacs.HOST) as secured,
        ):
            assert secured.version() in {"TLSv1.2", "TLSv1.3"}
