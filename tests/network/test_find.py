"""Queries against real peers and wrong ones: nothing is lost, and no failure looks like an empty answer."""

import socket
import struct
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import hostile
import make
import pacs
import pytest
from pydicom.uid import generate_uid

from viewer.network.access import Access, never
from viewer.network.dimse.find import Found, find, find_on, proposal_for
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.identifier import encode_keys
from viewer.network.dimse.store import Sent, store
from viewer.network.failure import Cause, NetworkError
from viewer.network.match import Match
from viewer.network.query import Level, Query
from viewer.network.retrieving.retrieve_listing import listing
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.network.services import Services

NAMES = {  # by character set: family name as it is looked for, and as it is written
    "ISO_IR 192": ("Müller", "Müller^Jörg"),
    "ISO_IR 100": ("Ångström", "Ångström^Åsa"),
    "ISO_IR 126": ("Διονυσιος", "Διονυσιος"),
    "ISO_IR 144": ("Люк", "Люкce"),
    "ISO 2022 IR 87": ("山田", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    "GB18030": ("王", "Wang^XiaoDong=王^小东"),
    "ISO_IR 149": ("김희중", "Hong^Gildong=김희중"),
}


@pytest.fixture(scope="module")
def studies(
    orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Store a study for each name, and return their UIDs by character set."""
    found = {}
    datasets = []
    for number, (character_set, (_, name)) in enumerate(NAMES.items()):
        found[character_set] = generate_uid()
        sets = {"ISO 2022 IR 87": ["", "ISO 2022 IR 87"], "ISO_IR 149": ["", "ISO 2022 IR 149"]}
        dataset = make.ct(
            StudyInstanceUID=found[character_set],
            SeriesInstanceUID=generate_uid(),
            SpecificCharacterSet=sets.get(character_set, character_set),
            PatientName=name,
            PatientID=f"CHARSET-{number}",
            StudyDate=f"2019010{number + 1}",
            AccessionNumber=f"CS{number}",
        )
        datasets.append(dataset)
    paths = pacs.written(datasets, tmp_path_factory.mktemp("names"))
    for server in (orthanc, qrscp):
        server.store(paths)
    return found


@pytest.fixture(params=["orthanc", "qrscp"])
def access(request: pytest.FixtureRequest, orthanc: pacs.Orthanc, qrscp: pacs.DcmtkServer) -> Access:
    return Access({"orthanc": orthanc, "qrscp": qrscp}[request.param].peer)


def asked(access: Access, query: Query) -> list[Match]:
    found: list[Match] = []
    end = find(access, query, found.append)
    assert end == Found(len(found), complete=True)
    return found


@pytest.mark.parametrize("character_set", NAMES)
def test_a_name_is_found_and_read_in_every_character_set(
    access: Access, studies: dict[str, str], character_set: str
) -> None:
    typed, name = NAMES[character_set]
    found = [
        match
        for match in asked(access, Query(patient_name=typed))
        if match.study.study_instance_uid == studies[character_set]
    ]
    assert [match.study.patient.patient_name for match in found] == [name]


def test_case_does_not_matter(access: Access, studies: dict[str, str]) -> None:
    for typed in ("yamada", "YAMADA^tarou", "Yamada, Tarou"):
        found = asked(access, Query(patient_name=typed))
        assert studies["ISO 2022 IR 87"] in {match.study.study_instance_uid for match in found}


@pytest.mark.parametrize(
    ("typed", "character_set"),
    [
        *(("muller", "ISO_IR 192"), ("MULLER, jorg", "ISO_IR 192"), ("Müller^Jorg", "ISO_IR 192")),
        *(("angstrom", "ISO_IR 100"), ("Ångstrom", "ISO_IR 100"), ("Yamáda", "ISO 2022 IR 87")),
    ],
)
def test_a_name_is_found_with_other_accents_than_were_typed(
    access: Access, studies: dict[str, str], typed: str, character_set: str
) -> None:
    found = asked(access, Query(patient_name=typed))
    assert studies[character_set] in {match.study.study_instance_uid for match in found}
    assert all(match.study.patient.patient_name for match in found)
    assert len({match.study.study_instance_uid for match in found}) == len(found)


def test_names_with_and_without_accents_are_found_together(access: Access, tmp_path: Path) -> None:
    names = {generate_uid(): name for name in ("Nuñez^A", "NUNEZ^B", "Núñez^C", "Nunes^D")}
    datasets = [
        make.ct(
            SpecificCharacterSet="ISO_IR 100",
            StudyInstanceUID=uid,
            SeriesInstanceUID=generate_uid(),
            PatientName=name,
            PatientID=f"ACCENT-{name[-1]}",
        )
        for uid, name in names.items()
    ]
    sent: list[Sent] = []
    store(access, [str(path) for path in pacs.written(datasets, tmp_path / "files")], sent.append)
    assert all(each.stored for each in sent)
    for typed in ("Núñez", "nunez", "NUNEZ"):
        found = asked(access, Query(patient_name=typed, patient_id="ACCENT-*"))
        assert {match.study.patient.patient_name for match in found} == {"Nuñez^A", "NUNEZ^B", "Núñez^C"}


def test_ranges_wildcards_and_lists(access: Access, studies: dict[str, str]) -> None:
    uids = list(studies.values())
    by_date = asked(access, Query(patient_id="CHARSET-*", date_from="20190102", date_to="20190104"))
    assert {match.study.study_instance_uid for match in by_date} == set(uids[1:4])
    open_end = asked(access, Query(patient_id="CHARSET-*", date_from="20190106"))
    assert {match.study.study_instance_uid for match in open_end} == set(uids[5:])
    one = asked(access, Query(patient_id="CHARSET-?", date_from="20190103", date_to="20190103"))
    assert [match.study.study_instance_uid for match in one] == [uids[2]]
    some = asked(access, Query(study_instance_uid="\\".join(uids[:3])))
    assert {match.study.study_instance_uid for match in some} == set(uids[:3])
    assert asked(access, Query(accession_number="CS3"))[0].study.accession_number == "CS3"


def test_modalities_are_looked_for_and_compared_again(access: Access, studies: dict[str, str]) -> None:
    assert len(asked(access, Query(patient_id="CHARSET-*", modalities=("CT", "MR")))) == len(studies)
    series = Query(Level.SERIES, study_instance_uid=studies["GB18030"], modalities=("MR",))
    assert asked(access, series) == []
    assert len(asked(access, replace(series, modalities=("CT",)))) == 1


def test_all_levels_in_both_models(access: Access, studies: dict[str, str]) -> None:
    for patient_root in (False, True):
        query = Query(
            Level.IMAGE,
            patient_id="CHARSET-0",
            study_instance_uid=studies["ISO_IR 192"],
            patient_root=patient_root,
        )
        (image,) = asked(access, query)
        assert image.series is not None
        assert image.series.modality == "CT"
        assert image.series.study.study_instance_uid == studies["ISO_IR 192"]
        assert image.sop_instance_uid
        (series,) = asked(access, replace(query, level=Level.SERIES))
        assert series.series is not None
        assert series.series.series_instance_uid == image.series.series_instance_uid
        (study,) = asked(access, replace(query, level=Level.STUDY))
        assert study.study.study_description == "Test study"
    (patient,) = asked(access, Query(Level.PATIENT, patient_id="CHARSET-0", patient_root=True))
    assert patient.study.patient.patient_name == "Müller^Jörg"
    (study,) = asked(access, Query(Level.STUDY, patient_name="Wang", patient_root=True))
    assert study.study.study_instance_uid == studies["GB18030"]


def test_nothing_found_is_no_failure(access: Access) -> None:
    assert asked(access, Query(patient_id="NO-SUCH-PATIENT")) == []


def test_more_than_the_limit_is_said(access: Access, studies: dict[str, str]) -> None:
    found: list[Match] = []
    assert len(studies) > 3
    assert find(access, Query(patient_id="CHARSET-*"), found.append, limit=3) == Found(3, complete=False)
    assert len(found) == 3


# ------------------------------------------------------------------------------------------ peers that err
def answering(*answers: tuple[int, bytes], stay: bool = True) -> hostile.Script:
    """Answer every query with these statuses and identifiers."""

    def script(connection: socket.socket) -> None:
        association = hostile.agree(connection)
        while True:
            message = hostile.asked(association)
            for status, data in answers:
                hostile.answer(association, message, status, data)
            if not stay:
                return

    return script


ONE = encode_keys({0x0020000D: "1.2.3", 0x00100010: "DOE^JANE"}, "1.2.840.10008.1.2.1")


def test_every_status_that_says_no_is_a_failure() -> None:
    for status in (0xC000, 0xA700, 0xA900, 0x0122, 0xFE00):
        with hostile.hostile(answering((0xFF00, ONE), (status, b""))) as access:
            with pytest.raises(NetworkError) as caught:
                find(access, Query(), lambda _: None)
            assert (caught.value.cause, caught.value.status) == (Cause.STATUS, status)
            assert f"{status:04X}" in str(caught.value)


def test_a_peer_that_goes_away_between_two_answers_is_a_failure() -> None:
    with hostile.hostile(answering((0xFF00, ONE), stay=False)) as access:
        with pytest.raises(NetworkError) as caught:
            find(access, Query(), lambda _: None)
        assert caught.value.cause is Cause.CLOSED


def test_a_damaged_identifier_is_a_failure() -> None:
    with hostile.hostile(answering((0xFF00, struct.pack("<HH2sH", 8, 5, b"CS", 60000)))) as access:
        with pytest.raises(NetworkError) as caught:
            find(access, Query(), lambda _: None)
        assert caught.value.cause is Cause.PROTOCOL


def test_a_peer_that_ignores_the_cancel_is_left() -> None:
    def script(connection: socket.socket) -> None:
        association = hostile.agree(connection)
        message = hostile.asked(association)
        for number in range(100_000):
            data = encode_keys({0x0020000D: f"1.2.{number}"}, "1.2.840.10008.1.2.1")
            hostile.answer(association, message, 0xFF00, data)

    with hostile.hostile(script) as access:
        start = time.monotonic()
        assert find(access, Query(), lambda _: None, limit=5) == Found(5, complete=False)
        assert time.monotonic() - start < 3


def test_a_peer_without_a_character_set_is_read_as_what_its_bytes_are() -> None:
    texts = []
    for raw in ("Müllers".encode(), "Müller".encode("latin-1")):
        data = struct.pack("<HH2sH", 0x10, 0x10, b"PN", len(raw)) + raw
        data += struct.pack("<HH2sH", 0x20, 0x0D, b"UI", 4) + b"1.2\0"
        with hostile.hostile(answering((0xFF00, data), (0, b""))) as access:
            texts += [match.study.patient.patient_name for match in asked(access, Query())]
    assert texts == ["Müllers", "Müller"]


def test_no_answer_is_lost_on_a_busy_machine(orthanc: pacs.Orthanc, studies: dict[str, str]) -> None:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        short = 0
        for _ in range(25):
            with associate(Access(orthanc.peer), proposal_for(patient_root=False), never) as association:
                for _ in range(20):
                    query = Query(patient_id="CHARSET-*")
                    short += find_on(association, query, lambda _: None).matches != len(studies)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert short == 0


def test_a_peer_with_the_patient_root_alone_is_asked_by_it(tmp_path: Path) -> None:
    study = generate_uid()
    datasets = make.ct_series(3, StudyInstanceUID=study, PatientID="4711")
    with pacs.qrscp(tmp_path / "peer", "-QS") as server:
        server.store(pacs.written(datasets, tmp_path / "files"))
        for query in (Query(patient_id="4711"), Query(Level.SERIES, study_instance_uid=study)):
            matches: list[Match] = []
            find(Access(server.peer), query, matches.append)
            assert [match.study.study_instance_uid for match in matches] == [study]
        listed = listing(server.peer, Wanted(study), Services(), never)
        assert {item.sop_instance_uid for item in listed.items} == {
            str(each.SOPInstanceUID) for each in datasets
        }
