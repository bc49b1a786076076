import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import ct, write
from pydicom import Dataset, dcmread, uid
from pydicom.dataset import FileMetaDataset

from viewer.dicom.dicomdir import MediaDirectory, read_directory

SYNTAXES = [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian]


def directory(
    path: Path, references: list[list[str] | str], syntax: str = uid.ExplicitVRLittleEndian, **extra: object
) -> Path:
    """Write a DICOMDIR with one image record for each reference."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.FileSetID = "TEST"
    dataset.DirectoryRecordSequence = []
    for reference in references:
        record = Dataset()
        record.OffsetOfTheNextDirectoryRecord = 0
        record.RecordInUseFlag = 0xFFFF
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = reference
        for keyword, value in extra.items():
            setattr(record, keyword, value)
        dataset.DirectoryRecordSequence.append(record)
    dataset.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_files_are_listed_in_their_order(tmp_path, syntax):
    path = directory(tmp_path / "DICOMDIR", [["IMAGES", "IM2"], ["IMAGES", "IM1"], "IM3"], syntax)
    found = read_directory(str(path))
    assert found.files == ("IMAGES/IM2", "IMAGES/IM1", "IM3")
    assert found.problems == ()


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (["..", "IM1"], "outside"),
        (["A", "..", "..", "IM1"], "outside"),
        ("/etc/passwd", "absolute"),
        (["", "etc", "passwd"], "absolute"),
        ("../../etc/passwd", "outside"),
        (["C:", "IM1"], "drive"),
        (["A", "", "IM1"], "no file has"),
        (["A"] * 65, "too many"),
    ],
)
@pytest.mark.filterwarnings("ignore")  # pydicom's writer says that these references are wrong
def test_a_reference_that_leaves_the_medium_is_refused_and_the_others_stay(
    tmp_path, reference, words, caplog
):
    path = directory(tmp_path / "DICOMDIR", [reference, ["A", "B"]])
    found = read_directory(str(path))
    assert found.files == ("A/B",)
    assert len(found.problems) == 1
    assert words in found.problems[0].reason
    assert caplog.messages is not None  # the writer's words


def test_offsets_that_form_a_loop_are_not_followed(tmp_path):
    path = directory(tmp_path / "DICOMDIR", ["A", "B"], OffsetOfTheNextDirectoryRecord=380)
    assert read_directory(str(path)).files == ("A", "B")


def test_a_record_that_is_not_in_use_is_passed_over(tmp_path):
    path = directory(tmp_path / "DICOMDIR", ["A"], RecordInUseFlag=0)
    assert read_directory(str(path)).files == ()


def test_one_damaged_record_costs_one_record(tmp_path):
    path = directory(tmp_path / "DICOMDIR", ["AAAA", "BBBB", "CCCC"])
    data = bytearray(path.read_bytes())
    at = data.index(b"BBBB") - 4
    data[at : at + 2] = b"??"  # no VR
    path.write_bytes(data)
    found = read_directory(str(path))
    assert found.files == ("AAAA", "CCCC")
    assert [problem.reason for problem in found.problems] == ["a record of the DICOMDIR is damaged"]


def test_a_record_with_a_length_that_lies_costs_what_cannot_be_told_apart(tmp_path):
    path = directory(tmp_path / "DICOMDIR", ["AAAA", "BBBB", "CCCC"])
    data = bytearray(path.read_bytes())
    first = data.index(b"\xfe\xff\x00\xe0")
    data[first + 4 : first + 8] = b"\xf0\xff\xff\x0f"
    path.write_bytes(data)
    found = read_directory(str(path))
    assert found.files == ("BBBB", "CCCC")
    assert len(found.problems) == 1


def test_what_is_no_directory_is_a_problem_in_words(tmp_path):
    (tmp_path / "DICOMDIR").write_bytes(b"not a directory" * 50)
    found = read_directory(str(tmp_path / "DICOMDIR"))
    assert found.files == ()
    assert "cannot be read" in found.problems[0].reason
    assert read_directory(str(tmp_path / "gone")).problems[0].reason.startswith("it cannot be opened")


def test_another_object_of_that_name_lists_nothing_and_is_no_problem(tmp_path):
    image = write(ct(), tmp_path / "DICOMDIR")
    assert read_directory(str(image)) == MediaDirectory((), ())
    image.write_bytes(image.read_bytes()[132 + 12 + image.read_bytes()[140] :])  # no preamble, no meta
    assert read_directory(str(image)) == MediaDirectory((), ())


def test_a_directory_of_junk_items_ends_soon(tmp_path):
    path = directory(tmp_path / "DICOMDIR", ["A"])
    data = path.read_bytes()
    path.write_bytes(data + b"\xfe\xff\x00\xe0\xff\xff\xff\xff" * 200_000)
    started = time.perf_counter()
    read_directory(str(path))
    assert time.perf_counter() - started < 5


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_damage_makes_a_reference_leave_the_medium(tmp_path_factory, data):
    path = directory(tmp_path_factory.mktemp("media") / "DICOMDIR", ["AAAA", ["B", "C"]])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(132, len(content) - 1))] = data.draw(
            st.sampled_from(b"./\\:\0\xff\x7fA")
        )
    path.write_bytes(content)
    for name in read_directory(str(path)).files:
        assert ".." not in name.split("/")
        assert not os.path.isabs(name)  # noqa: PTH117  the text itself


@pytest.mark.corpus
def test_the_directories_of_the_corpus_list_what_the_parser_finds(corpus):
    folder = corpus / "media" / "dicomdirtests"
    names = ("DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-implicit", "DICOMDIR-reordered", "TINY_ALPHA/DICOMDIR")
    for name in names:
        records = dcmread(folder / name).DirectoryRecordSequence
        listed = [record.ReferencedFileID for record in records if "ReferencedFileID" in record]
        assert read_directory(str(folder / name)).files == tuple("/".join(parts) for parts in listed), name
