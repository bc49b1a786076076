"""The scanner over bytes, with pydicom as the second witness."""

import io
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import ct, enhanced_ct, write
from pydicom import Dataset, uid

from viewer.dicom.elements import END_OF_ITEM, ITEM, UNDEFINED
from viewer.dicom.index import index_file, outcome_of
from viewer.dicom.parsed_header import parse
from viewer.dicom.raw_header import NotDicomError, RawHeader
from viewer.dicom.read import ByteSource, UnreadableError, open_regular
from viewer.dicom.recall import Recall
from viewer.dicom.tags import scan


def written(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


ENHANCED = written(enhanced_ct(2, SOPInstanceUID="1.2.3"))
POSITION, ROWS, INSTANCE, CREATOR = 0x00200032, 0x00280010, 0x00080018, 0x00190010


def scanned(path: Path) -> RawHeader | None:
    size = path.stat().st_size
    with ByteSource(open_regular(str(path)), size) as source:
        return scan(source, size)


def scanned_bytes(data: bytes) -> RawHeader | None:
    return scan(ByteSource(io.BytesIO(data), len(data)), len(data))


def stripped(header: RawHeader) -> dict[int, bytes]:
    return {tag: value.strip(b"\0 ") for tag, value in header.values.items() if value.strip(b"\0 ")}


def agrees(path: Path) -> bool:
    """Compare both ways of reading one file; False where the scanner leaves it to the parser."""
    found = scanned(path)
    if found is None:
        return False
    parsed = parse(str(path), path.stat().st_size)
    assert stripped(found) == stripped(parsed), path
    assert found.encoding == parsed.encoding, path
    assert found.pixels == parsed.pixels, path
    assert found.referenced == parsed.referenced, path
    return True


@pytest.mark.parametrize(
    "syntax",
    [
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
        uid.RLELossless,
    ],
)
def test_every_transfer_syntax_gives_what_the_parser_gives(tmp_path, syntax):
    path = write(ct(), tmp_path / "image", syntax)
    assert agrees(path)


def test_position_orientation_and_spacing_of_a_multi_frame_image_are_those_of_its_first_frame(tmp_path):
    path = write(enhanced_ct(3), tmp_path / "image")
    found = scanned(path)
    assert found is not None
    assert found.values[POSITION].split(b"\\")[2].strip() == b"30.75"
    assert agrees(path)


def test_undefined_lengths_nested_in_each_other_are_passed_over(tmp_path):
    inner = Dataset()
    inner.CodeValue = "1"
    outer = Dataset()
    outer.PurposeOfReferenceCodeSequence = [inner, inner]
    outer["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    outer.is_undefined_length_sequence_item = True
    dataset = ct(SourceImageSequence=[outer, outer])
    dataset["SourceImageSequence"].is_undefined_length = True
    assert agrees(write(dataset, tmp_path / "image"))


def test_a_private_value_larger_than_a_chunk_is_passed_over(tmp_path):
    dataset = ct()
    dataset.add_new(0x00190010, "LO", "BIG ONE")
    dataset.add_new(0x00191010, "OB", bytes(100_000))
    path = write(dataset, tmp_path / "image")
    assert agrees(path)
    found = scanned(path)
    assert found is not None
    assert found.values[CREATOR] == b"BIG ONE "


def test_a_file_without_preamble_and_meta_information_is_read(tmp_path):
    dataset = ct()
    for big, implicit in ((False, False), (False, True), (True, False)):
        path = tmp_path / f"bare-{big}-{implicit}"
        buffer = io.BytesIO()
        bare = Dataset({element.tag: element for element in dataset if element.keyword != "PixelData"})
        bare.save_as(buffer, implicit_vr=implicit, little_endian=not big)
        path.write_bytes(buffer.getvalue())
        found = scanned(path)
        assert found is not None
        assert found.encoding.big_endian is big
        assert found.encoding.explicit is not implicit
        assert found.values[INSTANCE].decode().strip("\0") == dataset.SOPInstanceUID


def test_a_data_set_written_otherwise_than_the_meta_information_says_is_read(tmp_path):
    dataset = ct()
    path = write(dataset, tmp_path / "image", uid.ImplicitVRLittleEndian)
    data = path.read_bytes().replace(b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.9\0")
    found = scanned_bytes(data)
    assert found is not None
    assert not found.encoding.explicit
    assert ROWS in found.values


def test_what_is_not_dicom_is_said_to_be():
    for data in (b"", b"hello world, this is text" * 20, b"\x89PNG\r\n\x1a\n" + bytes(300), bytes(1000)):
        with pytest.raises(NotDicomError):
            scanned_bytes(data)


def test_a_file_cut_off_in_its_header_gives_what_is_there(tmp_path):
    data = write(ct(), tmp_path / "image").read_bytes()
    at = data.index(b"Test study")
    found = scanned_bytes(data[: at + 5])
    assert found is not None
    assert found.damage == "the file is cut off in its header"
    assert INSTANCE in found.values
    assert 0x00081030 not in found.values


def test_a_length_of_4_gigabytes_allocates_nothing(tmp_path):
    data = write(ct(), tmp_path / "image").read_bytes()
    at = data.index(b"\xe0\x7f\x10\x00")
    lying = data[:at] + b"\x09\x00\x10\x00OB\0\0\xf0\xff\xff\xff"
    found = scanned_bytes(lying)
    assert found is not None
    assert found.damage


def test_an_unknown_vr_is_left_to_the_parser(tmp_path):
    data = write(ct(), tmp_path / "image").read_bytes().replace(b"\x08\x00\x60\x00CS", b"\x08\x00\x60\x00?!")
    assert scanned_bytes(data) is None


def explicit_sequence(content: bytes) -> bytes:
    return struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, UNDEFINED) + content


def test_sequences_nested_without_end_are_refused_in_no_time():
    item = struct.pack("<HHI", ITEM >> 16, ITEM & 0xFFFF, UNDEFINED)
    bomb = b"\x08\x00\x05\x00CS\x02\x00AB" + explicit_sequence(item) * 200_000
    start = time.perf_counter()
    assert scanned_bytes(bomb) is None
    assert time.perf_counter() - start < 2


def test_a_sequence_of_zeros_is_refused_in_no_time():
    bomb = b"\x08\x00\x05\x00CS\x02\x00AB" + explicit_sequence(bytes(8_000_000))
    start = time.perf_counter()
    assert scanned_bytes(bomb) is None
    assert time.perf_counter() - start < 2


def test_a_million_elements_end_the_reading():
    bomb = b"\x08\x00\x05\x00CS\x02\x00AB" + b"\x09\x00\x10\x10LO\x00\x00" * 300_000
    found = scanned_bytes(bomb)
    assert found is not None
    assert "250000 elements" in found.damage


def test_a_deflated_bomb_is_inflated_only_so_far(tmp_path):
    dataset = ct()
    dataset.add_new(0x00190010, "LO", "BOMB")
    dataset.add_new(0x00191010, "OB", bytes(50_000_000))
    path = write(dataset, tmp_path / "bomb", uid.DeflatedExplicitVRLittleEndian)
    assert path.stat().st_size < 100_000
    assert scanned(path) is None
    with pytest.raises(UnreadableError, match="inflates to more"):
        parse(str(path), path.stat().st_size)


def header_of_many_elements(number: int) -> bytes:
    dataset = enhanced_ct(2, SOPInstanceUID=f"1.2.{number}")
    dataset.AccessionNumber = "1" * (number % 7)
    block = dataset.private_block(0x0011, "MANY", create=True)
    for place in range(60):
        block.add_new(place, "LO", f"element {place if place != 31 else number}")
    return written(dataset)


def rescanned(data: bytes, recall: Recall) -> RawHeader | None:
    return scan(ByteSource(io.BytesIO(data), len(data)), len(data), recall)


def test_what_is_recalled_of_the_last_header_changes_no_answer():
    recall = Recall()
    for number in (1, 2, 3, 10, 11, 1000, 4):
        data = header_of_many_elements(number)
        assert rescanned(data, recall) == scanned_bytes(data)
    assert recall.known is not None


def test_a_header_unlike_the_last_one_is_read_as_if_there_had_been_none(tmp_path):
    recall = Recall()
    implicit = write(enhanced_ct(2), tmp_path / "image", uid.ImplicitVRLittleEndian).read_bytes()
    for data in (header_of_many_elements(1), ENHANCED, implicit, header_of_many_elements(2)) * 2:
        assert rescanned(data, recall) == scanned_bytes(data)


def header_of_a_slice(number: int) -> bytes:
    dataset = enhanced_ct(1, SOPInstanceUID=f"1.2.{number}", InstanceNumber=str(number))
    del dataset.SharedFunctionalGroupsSequence, dataset.PerFrameFunctionalGroupsSequence
    dataset.ImagePositionPatient = [1.5, -2.5, 0.1 * number]
    block = dataset.private_block(0x0011, "MANY", create=True)
    for place in range(60):
        block.add_new(place, "LO", f"element {place if place != 31 else number}")
    return written(dataset)


def test_slices_of_a_series_fit_the_pattern_of_the_first_two_and_give_what_they_gave_without():
    recall = Recall()
    for number in (1, 2, 3, 10, 11, 1000, 4):
        data = header_of_a_slice(number)
        found = rescanned(data, recall)
        assert found == scanned_bytes(data)
        assert found is not None
        assert (found.pattern is not None) == (number not in {1, 2})


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_slice_gives_the_same_whether_it_fits_the_pattern_of_the_others_or_not(data):
    recall = Recall()
    for number in (1, 2):
        rescanned(header_of_a_slice(number), recall)
    for number in (3, 5):
        content = bytearray(header_of_a_slice(number))
        for _ in range(data.draw(st.integers(0, 4))):
            content[data.draw(st.integers(132, len(content) - 1))] = data.draw(st.integers(0, 255))
        cut = bytes(content[: data.draw(st.integers(140, len(content)))])
        assert rescanned(cut, recall) == scanned_bytes(cut)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_damage_after_a_whole_header_is_seen_as_without_it(data):
    recall = Recall()
    rescanned(header_of_many_elements(1), recall)
    for number in (2, 3):
        content = bytearray(header_of_many_elements(number))
        for _ in range(data.draw(st.integers(0, 4))):
            content[data.draw(st.integers(132, len(content) - 1))] = data.draw(st.integers(0, 255))
        cut = bytes(content[: data.draw(st.integers(140, len(content)))])
        assert rescanned(cut, recall) == scanned_bytes(cut)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_damage_gives_an_answer(data):
    content = bytearray(ENHANCED)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(132, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(140, len(content)))
    found = scanned_bytes(bytes(content[:cut]))
    assert found is None or isinstance(found, RawHeader)


def test_the_delimiters_are_those_of_the_standard():
    assert (ITEM, END_OF_ITEM) == (0xFFFEE000, 0xFFFEE00D)


@pytest.mark.corpus
def test_both_ways_agree_on_every_file_of_the_corpus(corpus):
    sure = total = 0
    for path in sorted(corpus.rglob("*")):
        if not path.is_file() or path.suffix in {".md", ".tsv"} or path.name == "pydicom__no_meta.dcm":
            continue
        total += 1
        sure += agrees(path)
    assert sure > 0.99 * total


@pytest.mark.corpus
def test_the_record_of_every_file_of_the_corpus_is_the_same_whichever_way_it_was_read(corpus):
    recall = Recall()
    different: list[str] = []
    for path in sorted(corpus.rglob("*")):
        if not path.is_file() or path.suffix in {".md", ".tsv"} or path.name == "pydicom__no_meta.dcm":
            continue
        alone = index_file(str(path))
        if index_file(str(path), recall) != alone:
            different.append(path.name)
        found = scanned(path)
        if found is not None and not found.damage:  # the parser does not say that a header is cut off
            parsed = outcome_of(str(path), parse(str(path), path.stat().st_size))
            different += [path.name] * (parsed != alone)
    assert not different
