"""Which bytes are frame k: by table, by marker, by count, or said not to be there."""

import struct
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydicom import Dataset

from viewer.dicom.fragments import START_MARKERS, read_table
from viewer.dicom.read import ByteSource, PixelElement, open_regular
from viewer.errors import ViewerError

JPEG = b"\xff\xd8\xff"
END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def item(value: bytes, length: int | None = None) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value) if length is None else length) + value


def offsets_of(frames: list[list[bytes]]) -> list[int]:
    sizes = [sum(8 + len(part) for part in parts) for parts in frames]
    return [sum(sizes[:k]) for k in range(len(frames))]


def read_all(path, content: bytes, count: int, dataset: Dataset | None = None) -> list[bytes]:
    path.write_bytes(b"before" + content)
    element = PixelElement(0x7FE00010, "OB", 6, None)
    with ByteSource(open_regular(str(path)), 6 + len(content)) as source:
        table = read_table(str(path), dataset or Dataset(), element, source, count)
        return [table.read(str(path), source, number + 1, count) for number in range(count)]


frame_lists = st.lists(
    st.lists(st.binary(min_size=1, max_size=6).map(lambda b: b + bytes(len(b) % 2)), min_size=1, max_size=4),
    min_size=1,
    max_size=6,
)
FOLDER = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FOLDER
@given(frames=frame_lists)
def test_the_basic_offset_table_says_which_fragments_are_a_frame(tmp_path, frames):
    table = struct.pack(f"<{len(frames)}I", *offsets_of(frames))
    content = item(table) + b"".join(item(part) for parts in frames for part in parts) + END
    assert read_all(tmp_path / "x", content, len(frames)) == [b"".join(parts) for parts in frames]


@FOLDER
@given(frames=frame_lists)
def test_the_extended_offset_table_does_too(tmp_path, frames):
    dataset = Dataset()
    dataset.ExtendedOffsetTable = struct.pack(f"<{len(frames)}Q", *offsets_of(frames))
    content = item(b"") + b"".join(item(part) for parts in frames for part in parts) + END
    assert read_all(tmp_path / "x", content, len(frames), dataset) == [b"".join(parts) for parts in frames]


@FOLDER
@given(frames=frame_lists)
def test_without_tables_a_start_marker_begins_a_frame(tmp_path, frames):
    assume(not any(part.startswith(START_MARKERS) for parts in frames for part in parts[1:]))
    marked = [[JPEG + b"\xe0" + parts[0], *parts[1:]] for parts in frames]
    content = item(b"") + b"".join(item(part) for parts in marked for part in parts) + END
    assert read_all(tmp_path / "x", content, len(frames)) == [b"".join(parts) for parts in marked]


def test_an_offset_table_that_points_between_fragments_is_not_believed(tmp_path):
    frames = [b"one-", b"two-", b"three-"]
    content = item(struct.pack("<3I", 0, 13, 24)) + b"".join(map(item, frames)) + END
    assert read_all(tmp_path / "x", content, 3) == frames


def test_only_the_bytes_of_one_frame_are_read(tmp_path):
    reads = []

    class Watching(ByteSource):
        def read_at(self, offset, size):
            reads.append(size)
            return super().read_at(offset, size)

    frames = [bytes([k]) * 1000 for k in range(20)]
    content = item(b"") + b"".join(map(item, frames)) + END
    (tmp_path / "x").write_bytes(content)
    with Watching(open_regular(str(tmp_path / "x")), len(content)) as source:
        table = read_table("x", Dataset(), PixelElement(0x7FE00010, "OB", 0, None), source, 20)
        assert max(reads) <= 8
        assert table.read("x", source, 7, 20) == frames[6]
    assert sum(reads) < 1500


@pytest.mark.parametrize("lost", [1, 3, 8, 11])
def test_a_file_that_ends_inside_a_fragment_has_a_cut_frame_or_one_less(tmp_path, lost):
    frames = [JPEG + b"1", JPEG + b"22222", JPEG + b"3"]
    whole = item(b"") + b"".join(map(item, frames))
    content = whole[:-lost]
    (tmp_path / "x").write_bytes(content)
    with ByteSource(open_regular(str(tmp_path / "x")), len(content)) as source:
        table = read_table("x", Dataset(), PixelElement(0x7FE00010, "OB", 0, None), source, 3)
        assert table.read("x", source, 2, 3) == frames[1]
        assert not table.is_cut(2)
        if lost < 8:
            assert table.read("x", source, 3, 3) == frames[2][:-lost]
            assert table.is_cut(3)
        else:
            with pytest.raises(ViewerError, match="frame 3 is missing: the file holds 2 of 3 frames"):
                table.read("x", source, 3, 3)


@pytest.mark.parametrize(
    ("content", "frames", "reason"),
    [
        (b"nothing like an item", 1, "do not begin with an item"),
        (item(b"") + END, 1, "empty"),
        (item(b"") + item(b"ab") + item(b"cd") + item(b"ef") + END, 2, "3 parts for 2 frames"),
        (item(b"") + item(b"ab") + END, 2, "frame 2 is missing: the file holds 1 of 2 frames"),
    ],
)
def test_what_cannot_be_told_apart_is_said_in_words(tmp_path, content, frames, reason):
    with pytest.raises(ViewerError, match=reason):
        read_all(tmp_path / "x", content, frames)


def test_a_fragment_length_that_lies_takes_no_memory(tmp_path):
    content = item(b"") + item(b"\xff\xd8abc", 0xFFFFFFF0)
    assert read_all(tmp_path / "x", content, 1) == [b"\xff\xd8abc"]


def test_offsets_count_from_the_first_fragment():
    assert [b - a for a, b in pairwise(offsets_of([[b"ab"], [b"cd", b"ef"], [b"gh"]]))] == [10, 20]
