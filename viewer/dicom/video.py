"""Video in Pixel Data (PS3.5 8.2.5 to 8.2.8): MPEG-2, MPEG-4 AVC and HEVC, one frame at a time.

The whole video is one stream over all fragments. FFmpeg, through the optional package PyAV, decodes it in
the worker process. An MP4 has a table of its frames and is entered at the nearest key frame; other streams
are decoded from their beginning, because after a jump their time stamps may be guesses: slow, never wrong.
"""

import importlib
import io
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np

from viewer.dicom.codestream import CodestreamError
from viewer.dicom.fragments import Fragment
from viewer.dicom.frame import Stored
from viewer.dicom.pixel_layout import PixelLayout
from viewer.dicom.read import ByteSource

_STEM = "1.2.840.10008.1.2.4."
VIDEO_SYNTAXES = frozenset(
    (
        *(f"{_STEM}{number}" for number in range(100, 109)),
        *(f"{_STEM}{number}.1" for number in range(100, 107)),  # fragmentable
    )
)
MISSING = "video needs the optional video decoder: pip install 'negatoscope[video]'"
DAMAGED = "the video data are damaged"
CORRUPT = "the video is damaged here: part of the picture is missing or wrong"
# Nothing but what the standard allows is handed to a parser: no playlists, no references to other files.
FORMATS = "mpegvideo,mpeg,mpegts,mov,mp4,m4v,h264,hevc"
CODECS = "mpeg2video,mpeg1video,h264,hevc"
READ_BYTES = 1 << 18  # at a time
MOST_PACKETS = 1_000_000
HIGH_DEFINITION_ROWS = 720  # from here on an unmarked stream has the colours of BT.709, below of BT.601
BT_601, BT_709 = 5, 1  # as FFmpeg numbers them
UNSPECIFIED = 2
BYTE, SIXTEEN = 8, 16
NOWHERE = -1  # decoding cannot go on from where it is


class FragmentStream(io.RawIOBase):
    """The bytes of all fragments as one file that is read where it is asked for.

    The file itself is opened for each read, so that nothing stays open while a video is looked at.
    """

    def __init__(self, opened: Callable[[], ByteSource], fragments: Sequence[Fragment]) -> None:
        super().__init__()
        self._opened = opened
        self._fragments = fragments
        self._ends = list(accumulate(fragment.length for fragment in fragments))
        self._position = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a position."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._ends[-1]}[whence]
        self._position = max(0, start + offset)
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes, none at the end; never more than the rest of a fragment."""
        index = bisect_right(self._ends, self._position)
        if index == len(self._ends):
            return b""
        left = self._ends[index] - self._position
        wanted = left if size is None or size < 0 else min(size, left)
        fragment = self._fragments[index]
        with self._opened() as source:
            data = source.read_at(fragment.offset + fragment.length - left, wanted)
        self._position += len(data)
        return data


class Video:
    """One video, open. The frame after the last one is decoded without going back."""

    def __init__(self, stream: FragmentStream, layout: PixelLayout) -> None:
        self._av = _av()
        self._stream = stream
        self._layout = layout
        self._container: Any = None
        self._frames: Iterator[Any] = iter(())
        self._next = 0  # index of the frame that `_frames` gives next
        self._ended = 0  # how many frames there were when they ended
        self._times: list[int] = []  # of each frame in the order of display; empty when the stream has none
        self._keys: list[int] = []  # indices of the frames, beside the first, that decoding can begin at
        self._open()
        self._index()

    def distance(self, number: int) -> int:
        """Return how many frames must be decoded for frame `number` (from 1)."""
        return number - self._starts(number - 1)[0]

    def read(self, number: int) -> tuple[Stored, str]:
        """Return frame `number` (from 1) as RGB, (rows, columns, 3), and its damage in words.

        Raise CodestreamError, the end of a sentence, when it cannot be decoded.
        """
        try:
            frame = self._frame(number - 1)
            _check_size(frame.height, frame.width, self._layout)
            return _rgb(frame, self._layout), CORRUPT if frame.is_corrupt else ""
        except (CodestreamError, MemoryError):
            raise
        except Exception:  # noqa: BLE001  FFmpeg's errors are of many kinds, some of them OSError
            self._container, self._next = None, NOWHERE
            raise CodestreamError(DAMAGED) from None

    def _open(self) -> None:
        self._stream.seek(0)
        try:
            self._container = self._av.open(
                self._stream,
                buffer_size=READ_BYTES,
                options={"format_whitelist": FORMATS, "codec_whitelist": CODECS},
            )
            stream = self._container.streams.video[0]
            stream.codec_context.thread_count = 1  # several workers run beside each other
            _check_size(stream.codec_context.height, stream.codec_context.width, self._layout)
            self._frames = self._container.decode(stream)
        except (CodestreamError, MemoryError):
            raise
        except Exception:  # noqa: BLE001  as above; also where there is no video, or of another codec
            raise CodestreamError(DAMAGED) from None
        self._next = 0

    def _index(self) -> None:
        """Learn the time of every frame, by reading the packets without decoding them."""
        stream = self._container.streams.video[0]
        times: list[tuple[int, bool]] = []
        try:
            for packet in self._container.demux(stream):
                if packet.size == 0 or packet.is_discard:
                    continue
                if packet.pts is None or len(times) >= MOST_PACKETS:
                    times = []
                    break
                times.append((packet.pts, packet.is_keyframe))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  the stream is damaged somewhere: what comes before can be counted
            times = []
        times.sort()
        self._times = [time for time, _ in times]
        if len(set(self._times)) != len(self._times):
            self._times = []
        seeks = bool(self._times) and "mp4" in self._container.format.name
        self._keys = [index for index, (_, key) in enumerate(times) if key] if seeks else []
        self._container.close()
        self._open()

    def _starts(self, index: int) -> list[int]:
        """Return the frames that decoding may go on from to reach frame `index`, the nearest first."""
        place = bisect_right(self._keys, index)
        keys = self._keys[max(0, place - 2) : place][::-1]  # a stream may find only the one before
        near = [self._next] if max(keys, default=0) <= self._next <= index else []
        return list(dict.fromkeys((*near, *keys, 0)))

    def _frame(self, index: int) -> Any:  # noqa: ANN401  PyAV's frame
        if self._times and index >= len(self._times):
            raise CodestreamError(f"frame {index + 1} is missing: the video has {len(self._times)} frames")
        timed = bool(self._times)
        for start in self._starts(index):
            frame = self._from(start, index)
            if frame is not None:
                return frame
        if timed and not self._times:
            return self._frame(index)
        if self._times:
            raise CodestreamError(f"frame {index + 1} of the video is damaged")
        raise CodestreamError(f"frame {index + 1} is missing: the video has {self._ended} frames")

    def _from(self, start: int, index: int) -> Any:  # noqa: ANN401  PyAV's frame or None
        """Decode from frame `start` on and return frame `index`, or None when it does not come.

        What a seek gives before the frame that was sought may lack what it refers to, and is passed over.
        """
        whole = start in {0, self._next}
        if start != self._next or self._container is None:
            self._rewind(start)
        for frame in self._frames:
            here = self._place(frame)
            if here is None:
                break
            self._next = here + 1
            whole = whole or here == start
            if here >= index:
                return frame if here == index and whole else None
        self._ended, self._next = self._next, NOWHERE
        return None

    def _place(self, frame: Any) -> int | None:  # noqa: ANN401  PyAV's frame
        """Return the index of a frame; None, and count from now on, when its time is an unknown one."""
        if not self._times:
            return self._next
        here = self._next if frame.pts is None else bisect_left(self._times, frame.pts)
        if here < len(self._times) and frame.pts in {None, self._times[here]}:
            return here
        self._times, self._keys = [], []
        return None

    def _rewind(self, start: int) -> None:
        if start == 0 or self._container is None:
            if self._container is not None:
                self._container.close()
            self._open()
        if start == 0:
            return
        stream = self._container.streams.video[0]
        self._container.seek(self._times[start], stream=stream, backward=True, any_frame=False)
        self._frames = self._container.decode(stream)
        self._next = start


def _rgb(frame: Any, layout: PixelLayout) -> Stored:  # noqa: ANN401  PyAV's frame
    """Return a frame as RGB of Bits Stored, with the colours that the stream says."""
    matrix = int(frame.colorspace)
    if matrix == UNSPECIFIED:
        matrix = BT_709 if frame.height >= HIGH_DEFINITION_ROWS else BT_601
    deep = layout.bits_allocated > BYTE
    plain = frame.reformat(format="rgb48le" if deep else "rgb24", src_colorspace=matrix)
    values = plain.to_ndarray()
    if not deep:
        return np.ascontiguousarray(values, np.uint8)
    return np.ascontiguousarray(values >> (SIXTEEN - layout.bits_stored), np.uint16)


def _check_size(rows: int, columns: int, layout: PixelLayout) -> None:
    if (rows, columns) != (layout.rows, layout.columns):
        raise CodestreamError(
            f"the video is {columns} x {rows} pixels, the header says {layout.columns} x {layout.rows}"
        )


@cache
def _av() -> Any:  # noqa: ANN401  a module
    """Load PyAV when the first video comes. Raise CodestreamError with what to do when it is not there."""
    try:
        return importlib.import_module("av")
    except ImportError:
        raise CodestreamError(MISSING) from None
