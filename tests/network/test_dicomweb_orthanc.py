"""DICOMweb with a real Orthanc: found, retrieved to the byte, sent and found again; plain and over TLS."""

import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import make
import pacs
import pytest
from hostile_web import serving
from pydicom.uid import JPEGLSLossless, generate_uid

from viewer.network.credentials import Basic
from viewer.network.failure import Cause, NetworkError
from viewer.network.match import Match
from viewer.network.peer import Peer, Received, Tls
from viewer.network.query import Level, Query
from viewer.network.tls import server_context
from viewer.network.web.dicomweb import DicomWeb
from viewer.network.web.qido import search
from viewer.network.web.stow import Sent, send
from viewer.network.web.wado import Resource, retrieve


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, certificates: pacs.Certificates) -> Iterator[str]:
    """Return the DICOMweb address of an Orthanc that wants TLS and a password."""
    folder = tmp_path_factory.mktemp("orthanc-https")
    web, dicom = pacs.free_ports(2)
    settings = {
        "StorageDirectory": "storage",
        "IndexDirectory": "index",
        "Plugins": [pacs.dicomweb_plugin()],
        "HttpPort": web,
        "DicomPort": dicom,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {"reader": "swordfish"},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    words = [pacs.program("Orthanc"), "orthanc.json"]
    context = server_context(
        Tls(*(certificates.path(name) for name in ("authority.crt", "server.crt", "server.key")))
    )
    context.verify_mode = ssl.CERT_NONE  # clients say who they are with a password
    with (
        pacs.running(words, folder, lambda: pacs.listens(web) and pacs.listens(dicom)),
        serving(lambda secured, request: forwarded(secured, request, web), context) as door,
    ):
        yield f"https://127.0.0.1:{door.port}/dicom-web"


def forwarded(secured: socket.socket, request: bytes, port: int) -> None:
    """Pass a request on to a server and its answer back, one a connection."""
    request = request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.sendall(request)
        while data := plain.recv(1 << 20):
            secured.sendall(data)
    secured.shutdown(socket.SHUT_RDWR)


def found(web: DicomWeb, query: Query, **options: int) -> list[Match]:
    matches: list[Match] = []
    assert search(web, query, matches.append, **options) == len(matches)
    return matches


def retrieved(web: DicomWeb, wanted: Resource, folder: Path) -> list[bytes]:
    got: list[Received] = []
    assert retrieve(web, wanted, folder, got.append).count == len(got)
    return sorted(Path(each.path).read_bytes() for each in got)


def test_a_study_is_found_at_every_level(orthanc: pacs.Orthanc, tmp_path: Path) -> None:
    study = generate_uid()
    datasets = make.ct_series(3, StudyInstanceUID=study, PatientID="WEB-1", SpecificCharacterSet="ISO_IR 192")
    for each in datasets:
        each.PatientName = "Müller^Änne=山田^太郎"
    orthanc.store(pacs.written(datasets, tmp_path))
    series = datasets[0].SeriesInstanceUID
    with DicomWeb(orthanc.peer) as web:
        (patient,) = found(web, Query(Level.PATIENT, patient_id="WEB-1"))
        assert patient.study.patient.patient_name == "Müller^Änne=山田^太郎"
        (match,) = found(web, Query(patient_name="Müller", patient_id="WEB-1"))
        assert (match.study.study_instance_uid, match.instances, match.modalities) == (study, 3, ("CT",))
        for typed in ("muller", "Mullér^anne"):  # Orthanc compares letters with their accents
            (match,) = found(web, Query(patient_name=typed, patient_id="WEB-1"))
            assert match.study.study_instance_uid == study
        (match,) = found(web, Query(Level.SERIES, study_instance_uid=study))
        assert match.series is not None
        assert (match.series.series_instance_uid, match.series.modality, match.instances) == (series, "CT", 3)
        matches = found(web, Query(Level.IMAGE, study_instance_uid=study, series_instance_uid=series))
        assert {(each.sop_instance_uid, each.sop_class_uid, each.instance_number) for each in matches} == {
            (each.SOPInstanceUID, each.SOPClassUID, each.InstanceNumber) for each in datasets
        }


def test_keys_narrow_what_is_found(orthanc: pacs.Orthanc, tmp_path: Path) -> None:
    days = ("20250101", "20250102", "20250103")
    studies = {}
    for day, modality in zip(days, ("CT", "MR", "US"), strict=True):
        dataset = make.ct(StudyInstanceUID=generate_uid(), PatientID="WEB-2", Modality=modality)
        dataset.StudyDate, dataset.PatientName = day, "Keys^Kim"
        studies[dataset.StudyInstanceUID] = day
        orthanc.store(pacs.written([dataset], tmp_path / day))

    def days_of(**keys: object) -> list[str]:
        query = Query(patient_id="WEB-2", **keys)  # type: ignore[arg-type]
        return sorted(match.study.study_date for match in found(web, query))

    with DicomWeb(orthanc.peer) as web:
        assert days_of() == list(days)
        assert days_of(date_from="20250102") == ["20250102", "20250103"]
        assert days_of(date_to="20250102") == ["20250101", "20250102"]
        assert days_of(date_from="20250102", date_to="20250102") == ["20250102"]
        assert days_of(modalities=("CT", "US")) == ["20250101", "20250103"]
        assert days_of(modalities=("NM",)) == []
        assert days_of(patient_name="keys^k") == list(days)
        assert days_of(patient_name="K?ys") == list(days)
        assert days_of(patient_name="Kim") == []
        assert days_of(study_instance_uid="\\".join(list(studies)[:2])) == list(days[:2])
        assert len(found(web, Query(patient_id="WEB-2"), most=2)) == 2


def test_more_than_a_page_is_found_to_the_end(
    orthanc: pacs.Orthanc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.network.web.qido.PAGE", 3)
    study = generate_uid()
    datasets = make.ct_series(10, StudyInstanceUID=study)
    orthanc.store(pacs.written(datasets, tmp_path))
    with DicomWeb(orthanc.peer) as web:
        matches = found(web, Query(Level.IMAGE, study_instance_uid=study))
    assert sorted(each.sop_instance_uid for each in matches) == sorted(
        each.SOPInstanceUID for each in datasets
    )


def test_studies_series_and_instances_come_to_the_byte(orthanc: pacs.Orthanc, tmp_path: Path) -> None:
    study = generate_uid()
    datasets = make.ct_series(3, StudyInstanceUID=study)
    other = make.us_color(frames=2, StudyInstanceUID=study)
    compressed = make.ct(make.ramp(dtype="<u2"), StudyInstanceUID=study)
    paths = pacs.written([*datasets, other], tmp_path / "sent")
    paths.append(make.write(compressed, tmp_path / "jls.dcm", JPEGLSLossless))
    orthanc.store(paths)
    whole = [path.read_bytes() for path in paths]
    (tmp_path / "in").mkdir()
    with DicomWeb(orthanc.peer) as web:
        assert retrieved(web, Resource(study), tmp_path / "in") == sorted(whole)
        series = datasets[0].SeriesInstanceUID
        same = sorted(each for each in whole[:3])
        assert set(same) <= set(retrieved(web, Resource(study, series), tmp_path / "in"))
        wanted = Resource(study, other.SeriesInstanceUID, other.SOPInstanceUID)
        assert retrieved(web, wanted, tmp_path / "in") == [whole[3]]
        with pytest.raises(NetworkError) as failed:
            retrieve(web, Resource("1.2.3.4.5"), tmp_path / "in", print)
    assert (failed.value.cause, failed.value.status) == (Cause.STATUS, 404)


def test_what_was_sent_is_found_again(orthanc: pacs.Orthanc, tmp_path: Path) -> None:
    study = generate_uid()
    paths = pacs.written(make.ct_series(45, StudyInstanceUID=study), tmp_path / "sent")
    (tmp_path / "in").mkdir()
    sent: list[Sent] = []
    with DicomWeb(orthanc.peer) as web:
        assert send(web, [str(path) for path in paths], sent.append) == 45
        assert [each.reason for each in sent] == [""] * 45
        assert len(found(web, Query(Level.IMAGE, study_instance_uid=study))) == 45
        assert retrieved(web, Resource(study), tmp_path / "in") == sorted(path.read_bytes() for path in paths)


def test_a_password_is_needed_and_enough(
    secured: str, certificates: pacs.Certificates, tmp_path: Path
) -> None:
    peer = Peer("Safe", web=secured, tls=Tls(certificates.path("authority.crt")), user="reader")
    study = generate_uid()
    paths = pacs.written(make.ct_series(2, StudyInstanceUID=study), tmp_path)
    for secret in (None, Basic("reader", "wrong")):
        with pytest.raises(NetworkError) as failed, DicomWeb(peer, secret) as web:
            search(web, Query(), print)
        assert (failed.value.cause, failed.value.status) == (Cause.CREDENTIALS, 401)
    (tmp_path / "in").mkdir()
    with DicomWeb(peer, Basic("reader", "swordfish")) as web:
        assert send(web, [str(path) for path in paths], print) == 2
        assert len(found(web, Query(study_instance_uid=study))) == 1
        assert retrieved(web, Resource(study), tmp_path / "in") == sorted(path.read_bytes() for path in paths)


def test_a_server_without_a_certificate_that_is_trusted_gets_no_password(
    secured: str, certificates: pacs.Certificates
) -> None:
    for tls in (None, Tls(certificates.path("foreign.crt"))):
        peer = Peer("Safe", web=secured, tls=tls, user="reader")
        with (
            pytest.raises(NetworkError, match="not trusted here") as failed,
            DicomWeb(peer, Basic("reader", "swordfish")) as web,
        ):
            search(web, Query(), print)
        assert failed.value.cause is Cause.TLS
