"""Decoded frames in memory, bounded in bytes: those not looked at for longest go first."""

import threading
from collections import OrderedDict

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable
from viewer.dicom.records import FrameKey

OVERHEAD = 8192  # bytes of a description: names, numbers and about sixty texts

Entry = tuple[ImageDescription, Frame]


class FrameCache:
    """Frames by key. All methods may be called from any thread."""

    def __init__(self, limit: int) -> None:
        """Hold up to `limit` bytes; the newest frame is kept even if it alone is larger."""
        self.limit = limit
        self.dropped = 0  # frames, since the start: who counts on some of them looks again
        self._lock = threading.Lock()
        self._entries: OrderedDict[FrameKey, Entry] = OrderedDict()
        self._bytes = 0

    @property
    def bytes_used(self) -> int:
        """Return how many bytes the frames take."""
        with self._lock:
            return self._bytes

    def get(self, key: FrameKey) -> Entry | None:
        """Return a frame and mark it as used, or None when it is not here."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: FrameKey, description: ImageDescription, frame: Frame) -> None:
        """Keep a frame, and drop the least recently used ones above the limit."""
        entry = (description, frame)
        with self._lock:
            self._drop(key)
            self._entries[key] = entry
            self._bytes += _size(entry)
            while self._bytes > self.limit and len(self._entries) > 1:
                self._drop(next(iter(self._entries)))

    def drop(self, sop_instance_uid: str) -> None:
        """Drop all frames of an instance."""
        with self._lock:
            for key in [key for key in self._entries if key.sop_instance_uid == sop_instance_uid]:
                self._drop(key)

    def clear(self) -> None:
        """Drop all frames."""
        with self._lock:
            self.dropped += len(self._entries)
            self._entries.clear()
            self._bytes = 0

    def __contains__(self, key: FrameKey) -> bool:
        """Tell whether a frame is here, without marking it as used."""
        with self._lock:
            return key in self._entries

    def __len__(self) -> int:
        """Return how many frames are here."""
        with self._lock:
            return len(self._entries)

    def _drop(self, key: FrameKey) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.dropped += 1
            self._bytes -= _size(entry)


def _size(entry: Entry) -> int:
    description, frame = entry
    luts = (description.modality_lut, *description.vois, description.presentation_lut)
    arrays = [lut.entries for lut in luts if isinstance(lut, LookupTable)]
    palettes = (description.palette, description.supplemental)
    colors = [palette.colors for palette in palettes if palette is not None]
    marks = [plane.bits for plane in description.overlays]
    profile = [description.icc_profile] if description.icc_profile is not None else []
    meanings = [mapped.table for mapped in description.real_world if mapped.table is not None]
    held = (frame.stored, *arrays, *colors, *marks, *profile, *meanings)
    return OVERHEAD + sum(array.nbytes for array in held)
