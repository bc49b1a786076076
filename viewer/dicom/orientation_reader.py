"""Patient Orientation from a header (PS3.3 C.7.6.1.1.1)."""

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.orientation import direction_letters, is_orientation
from viewer.dicom.plane_reader import read_directions


def read_patient_orientation(frame: FrameHeader, *, quadruped: bool) -> tuple[str, str] | None:
    """Return the directions of rows (to the right) and of columns (down), None when not known.

    Where the attribute is absent, the letters of Image Orientation (Patient), which may stand
    without a position, say the same of a biped.
    """
    header = frame.top
    letters = tuple(text.upper() for text in header.texts("PatientOrientation"))
    if any(letters):
        if len(letters) == 2 and all(is_orientation(part, quadruped=quadruped) for part in letters):  # noqa: PLR2004  row, column
            return letters[0], letters[1]
        header.notices.add("Patient Orientation (0020,0020) names no directions: ignored")
    directions = None if quadruped else read_directions(frame)
    return (
        None if directions is None else (direction_letters(directions[0]), direction_letters(directions[1]))
    )
