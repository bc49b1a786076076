"""Video frames: each is compared with the picture that was encoded. PyAV makes the videos, at test time."""

import importlib
import io
import sys
from functools import cache
from pathlib import Path

import av
import av.logging
import make
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import uid
from pydicom.encaps import encapsulate

from viewer.dicom import video
from viewer.dicom.index import index_file
from viewer.dicom.pixels import FrameReader, read_frame
from viewer.dicom.read import UnreadableError
from viewer.dicom.records import InstanceRecord
from viewer.dicom.stacks import displayable

ROWS, COLUMNS, FRAMES = 96, 128, 30
TOLERANCE = 3.0  # mean difference of 255: chrominance is halved and the encoder is lossy
MPEG2, AVC, HEVC = "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.107"
STREAMS = [  # encoder, container, transfer syntax
    ("mpeg2video", "mpeg2video", MPEG2),
    ("mpeg2video", "mpeg", MPEG2),
    ("mpeg2video", "mpegts", "1.2.840.10008.1.2.4.101"),
    ("libx264", "h264", AVC),
    ("libx264", "mp4", "1.2.840.10008.1.2.4.103"),
    ("libx264", "mpegts", "1.2.840.10008.1.2.4.104"),
    ("libx265", "mp4", HEVC),
    ("libx265", "hevc", "1.2.840.10008.1.2.4.108"),
]


def picture(number: int) -> NDArray[np.uint8]:
    """Return frame `number` (from 1): no two are alike, and each corner has a colour of its own."""
    values = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    values[..., 0] = 40 + 5 * number
    values[:, : COLUMNS // 2, 1] = 220 - 5 * number
    values[ROWS // 2 :, :, 2] = 120
    values[:16, 4 * number - 4 : 4 * number + 12] = 255
    return values


@cache
def encoded(encoder: str, container: str, frames: int = FRAMES) -> bytes:
    """Return a video with predicted frames in both directions, and a key frame every 12."""
    options = {"x265-params": "log-level=none"} if encoder == "libx265" else {}
    buffer = io.BytesIO()
    try:
        output = av.open(buffer, "w", format=container)
        stream = output.add_stream(encoder, rate=25, options=options)
    except (ValueError, av.error.FFmpegError):
        pytest.skip(f"this PyAV has no encoder {encoder}")
    stream.width, stream.height, stream.pix_fmt = COLUMNS, ROWS, "yuv420p"
    stream.codec_context.gop_size, stream.codec_context.max_b_frames = 12, 2
    stream.bit_rate = 4_000_000
    with output:
        for number in range(1, frames + 1):
            shown = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            output.mux(stream.encode(shown))
        output.mux(stream.encode())
    return buffer.getvalue()


def write(data: bytes, syntax: str, folder: Path, *, fragments: int = 1, **attributes: object) -> str:
    """Write a Video Endoscopic Image and return its path."""
    dataset = make.us_color()
    dataset.SOPClassUID = uid.VideoEndoscopicImageStorage
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = ROWS, COLUMNS, FRAMES
    dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "YBR_PARTIAL_420", 0
    dataset.LossyImageCompression, dataset.FrameTime = "01", "40"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    size = -(-len(data) // fragments)
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    dataset.PixelData = encapsulate(parts, has_bot=False)
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = uid.UID(syntax)
    path = folder / "video.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return str(path)


def nearest(stored: NDArray[np.generic]) -> tuple[int, float]:
    """Return which picture a decoded frame is, and how far it is from it."""
    far = [float(np.abs(stored.astype(int) - picture(n)).mean()) for n in range(1, FRAMES + 1)]
    return int(np.argmin(far)) + 1, min(far)


@pytest.mark.parametrize(("encoder", "container", "syntax"), STREAMS)
def test_every_frame_is_the_one_that_was_asked_for(
    tmp_path: Path, encoder: str, container: str, syntax: str
) -> None:
    path = write(encoded(encoder, container), syntax, tmp_path)
    reader = FrameReader()
    for number in (1, 2, 3, 20, 21, 5, FRAMES, 14, 13, 12, 11, 1):  # forward, backward, across key frames
        description, frame = reader.read(path, number)
        found, difference = nearest(frame.stored)
        assert found == number
        assert difference < TOLERANCE
        assert (frame.photometric, frame.damage) == ("RGB", "")
        assert description.key.frame_number == number


def test_a_video_may_be_cut_into_fragments_anywhere(tmp_path: Path) -> None:
    path = write(encoded("mpeg2video", "mpegts"), MPEG2, tmp_path, fragments=7)
    assert nearest(read_frame(path, 17)[1].stored)[0] == 17


def test_a_video_is_listed_as_a_film(tmp_path: Path) -> None:
    record = index_file(write(encoded("mpeg2video", "mpegts"), MPEG2, tmp_path))
    assert isinstance(record, InstanceRecord)
    assert displayable(record)
    assert record.number_of_frames == FRAMES


def test_it_says_that_it_is_lossy_and_how_fast_it_runs(tmp_path: Path) -> None:
    description, _ = read_frame(write(encoded("mpeg2video", "mpegts"), MPEG2, tmp_path))
    assert description.lossy is not None
    assert description.lossy.method == "MPEG-2"
    assert description.timing.rate == 25


def test_the_time_that_a_frame_may_take_grows_with_those_before_it(tmp_path: Path) -> None:
    path = write(encoded("mpeg2video", "mpegts"), MPEG2, tmp_path)
    announced: list[int] = []
    FrameReader().read(path, 20, announce=announced.append)
    assert announced == [20 * ROWS * COLUMNS]


def test_an_mp4_is_entered_at_the_nearest_key_frame(tmp_path: Path) -> None:
    path = write(encoded("libx264", "mp4"), AVC, tmp_path)
    announced: list[int] = []
    FrameReader().read(path, 27, announce=announced.append)
    assert announced[0] <= 12 * ROWS * COLUMNS


# ---------------------------------------------------------------------------------------------- bad input
def test_a_frame_beyond_the_end_is_missing_and_never_another_one(tmp_path: Path) -> None:
    path = write(encoded("mpeg2video", "mpegts"), MPEG2, tmp_path, NumberOfFrames=FRAMES + 5)
    reader = FrameReader()
    with pytest.raises(
        UnreadableError, match=f"frame {FRAMES + 2} is missing: the video has {FRAMES} frames"
    ):
        reader.read(path, FRAMES + 2)
    assert nearest(reader.read(path, 3)[1].stored)[0] == 3


def test_a_video_of_another_size_is_refused(tmp_path: Path) -> None:
    path = write(encoded("mpeg2video", "mpegts"), MPEG2, tmp_path, Rows=ROWS * 2)
    with pytest.raises(UnreadableError, match=r"the video is 128 x 96 pixels, the header says 128 x 192"):
        read_frame(path)


@pytest.mark.parametrize("data", [b"\0\0", b"nonsense" * 500, b"#EXTM3U\nfile:///etc/passwd\n"])
def test_what_is_no_video_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableError, match="video data are damaged"):
        read_frame(write(data, AVC, tmp_path))


def test_another_codec_in_the_container_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="video"):
        read_frame(write(encoded("mpeg4", "mp4"), AVC, tmp_path))


def test_a_cut_video_shows_what_is_there_and_says_what_is_not(tmp_path: Path) -> None:
    data = encoded("mpeg2video", "mpegts")
    path = write(data[: len(data) // 2], MPEG2, tmp_path)
    reader = FrameReader()
    assert nearest(reader.read(path, 2)[1].stored)[0] == 2
    with pytest.raises(UnreadableError, match=r"missing|damaged"):
        reader.read(path, FRAMES)


def test_without_the_decoder_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(encoded("mpeg2video", "mpegts"), MPEG2, tmp_path)
    video._av.cache_clear()
    monkeypatch.setitem(sys.modules, "av", None)  # as if it were not installed
    with pytest.raises(UnreadableError, match=r"pip install 'negatoscope\[video\]'"):
        read_frame(path)
    monkeypatch.undo()
    assert importlib.import_module("av") is av
