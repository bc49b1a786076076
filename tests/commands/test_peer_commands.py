"""`viewer echo|find|retrieve|send` against real peers: what is printed, and when the exit status is 0."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import make
import pacs
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

from viewer import cli
from viewer.cache.store import Store
from viewer.network.peer import Peer
from viewer.settings import change, with_peer


@pytest.fixture(params=["orthanc", "qrscp"])
def server(
    request: pytest.FixtureRequest, orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer
) -> pacs.Orthanc | pacs.DcmtkServer:
    return orthanc if request.param == "orthanc" else qrscp


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("VIEWER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("VIEWER_SETTINGS", str(tmp_path / "settings.toml"))
    return tmp_path / "cache"


def configured(peer: Peer) -> str:
    """Configure a peer and return its name."""
    change(Path(os.environ["VIEWER_SETTINGS"]), lambda settings: with_peer(settings, peer))
    return peer.name


def told(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    """Run a command and return its JSON."""
    assert cli.main([*words, "--json"]) == status
    return dict(json.loads(capsys.readouterr().out))


def study_of(datasets: list[Dataset]) -> str:
    return str(datasets[0].StudyInstanceUID)


def test_echo_says_how_long_each_door_took(
    server: pacs.Orthanc | pacs.DcmtkServer, capsys: pytest.CaptureFixture[str]
) -> None:
    name = configured(server.peer)
    found = told(capsys, "echo", name)
    assert found["peer"] == name
    assert set(found["seconds"]) == ({"C-ECHO", "QIDO-RS"} if server.peer.web else {"C-ECHO"})
    assert all(0 < seconds < 5 for seconds in found["seconds"].values())
    address = f"{server.peer.ae_title}@{server.peer.host}:{server.peer.port}"
    assert cli.main(["echo", address]) == 0
    assert "C-ECHO in" in capsys.readouterr().out


def test_a_peer_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    port = pacs.free_ports(1)[0]
    for words in (["echo"], ["find"], ["retrieve", "--study", "1.2"]):
        assert cli.main([words[0], f"NOBODY@127.0.0.1:{port}", *words[1:]]) == 1
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert str(port) in said
        assert "Traceback" not in said


def test_a_study_is_found_retrieved_sent_back_and_found_again(
    server: pacs.Orthanc | pacs.DcmtkServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    datasets = make.ct_series(5, StudyInstanceUID=generate_uid(), PatientID=generate_uid()[-12:])
    server.store(pacs.written(datasets, tmp_path / "files"))
    name, study = configured(server.peer), study_of(datasets)
    found = told(capsys, "find", name, "--patient-id", datasets[0].PatientID)
    (one,) = found["patients"][0]["studies"]
    assert (one["study_instance_uid"], one["retrieved"]) == (study, "none")
    instance = datasets[2].SOPInstanceUID
    report = told(capsys, "retrieve", name, "--study", study, "--instance", instance)
    assert (report["expected"], report["received"], report["already_here"]) == (1, 1, 0)
    found = told(capsys, "find", name, "--level", "image", "--study", study)
    (patient,) = found["patients"]  # dcmqrscp tells it at the level of studies alone
    assert (patient["patient_id"], patient["patient_name"]) == (
        datasets[0].PatientID,
        datasets[0].PatientName,
    )
    (series,) = patient["studies"][0]["series"]
    assert (series["instances"], series["retrieved"]) == (5, "part")
    assert [each["retrieved"] for each in series["objects"]] == ["none", "none", "all", "none", "none"]
    report = told(capsys, "retrieve", name, "--study", study)
    assert (report["expected"], report["received"], report["already_here"]) == (5, 4, 1)
    assert report["failed"] == []
    found = told(capsys, "find", name, "--level", "series", "--study", study)
    assert found["patients"][0]["studies"][0]["series"][0]["retrieved"] == "all"
    listed = told(capsys, "studies", "--study", study)["patients"][0]["studies"][0]
    assert (listed["expected_instances"], listed["source"]) == (5, f"PACS {server.peer.name}")
    for path in listed["series"][0]["files"]:
        read = dcmread(path)
        (sent,) = [each for each in datasets if each.SOPInstanceUID == read.SOPInstanceUID]
        assert read.PixelData == sent.PixelData
        assert read.ImagePositionPatient == sent.ImagePositionPatient
    sent_back = told(capsys, "send", name, "--study", study)
    assert (sent_back["sent"], sent_back["failed"]) == (5, [])
    report = told(capsys, "retrieve", name, "--study", study)
    assert (report["expected"], report["received"], report["already_here"]) == (5, 0, 5)


def test_files_are_sent_from_where_they_are(
    server: pacs.Orthanc | pacs.DcmtkServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    datasets = make.ct_series(3, StudyInstanceUID=generate_uid())
    pacs.written(datasets, tmp_path / "files")
    (tmp_path / "files" / "note.txt").write_text("no DICOM")
    sent = told(capsys, "send", configured(server.peer), str(tmp_path / "files"))
    assert (sent["sent"], sent["failed"]) == (3, [])
    found = told(capsys, "find", server.peer.name, "--level", "image", "--study", study_of(datasets))
    assert found["patients"][0]["studies"][0]["series"][0]["instances"] == 3


def test_a_study_that_is_not_there_is_a_failure(
    server: pacs.Orthanc | pacs.DcmtkServer, capsys: pytest.CaptureFixture[str]
) -> None:
    name = configured(server.peer)
    assert cli.main(["retrieve", name, "--study", generate_uid()]) == 1
    assert "does not have what is wanted" in capsys.readouterr().err


def test_while_a_window_has_the_cache_it_says_what_to_do(
    orthanc: pacs.Orthanc, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = configured(orthanc.peer)
    with Store(cache):
        assert cli.main(["retrieve", name, "--study", "1.2.3"]) == 1
        assert "Retrieve in its window, or close it" in capsys.readouterr().err
        datasets = make.ct_series(1, StudyInstanceUID=generate_uid())
        (path,) = pacs.written(datasets, tmp_path / "files")
        assert cli.main(["send", name, str(path)]) == 0
        assert cli.main(["find", name, "--study", study_of(datasets)]) == 0


def test_it_is_wrong_usage_to_send_nothing_or_both() -> None:
    assert cli.main(["send", "X@127.0.0.1"]) == 2
    assert cli.main(["send", "X@127.0.0.1", "file", "--study", "1.2"]) == 2


def test_a_check_names_each_step_and_fails_when_one_does(
    server: pacs.Orthanc | pacs.DcmtkServer, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, "echo", configured(server.peer), "--check")
    assert found["works"]
    assert {step["state"] for step in found["steps"]} <= {"ok", "skipped"}
    address = f"NOBODY@127.0.0.1:{pacs.free_ports(1)[0]}"
    assert cli.main(["echo", address, "--check"]) == 1
    assert "failed" in capsys.readouterr().out
