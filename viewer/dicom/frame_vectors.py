"""Which detector, energy window, phase … a frame of a nuclear medicine image shows (PS3.3 C.8.4.8)."""

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header

VECTORS = {
    "EnergyWindowVector": "Energy window",
    "DetectorVector": "Detector",
    "PhaseVector": "Phase",
    "RotationVector": "Rotation",
    "RRIntervalVector": "R-R interval",
    "TimeSlotVector": "Time slot",
    "AngularViewVector": "View",
    "SliceVector": "Slice",
    "TimeSliceVector": "Time slice",
}


def frame_vectors(frame: FrameHeader) -> str:
    """Return the frame's place in each vector that has several, as in "Detector 2, Phase 1"; "" for none.

    A vector whose length is not the number of frames says nothing.
    """
    count = frame.top.integer("NumberOfFrames") or 1
    words = []
    for keyword, name in VECTORS.items():
        values = frame.top.values(keyword)
        if len(values) == count > 1 and len({str(value) for value in values}) > 1:
            value = values[frame.number - 1]
            label = _window(frame.top, value) if keyword == "EnergyWindowVector" else ""
            words.append(f"{name} {value} {label}".rstrip())
    return ", ".join(words)


def _window(header: Header, number: object) -> str:
    """Return the name of an energy window, as in "(Tc99m)"."""
    if not isinstance(number, int) or number < 1:
        return ""
    item = header.item("EnergyWindowInformationSequence", number - 1)
    name = item.text("EnergyWindowName") if item is not None else ""
    return f"({name})" if name else ""
