"""Why something that one does with a view cannot be done with an image (`view_rows`)."""

from viewer.dicom.image import ImageDescription
from viewer.tools.commands import grey_only
from viewer.tools.table import any_image
from viewer.ui.actions.view_rows import CLEAR, COLORS, LENS, PICTURES, REPORT, TRUE_SIZE
from viewer.viewing.true_size import no_true_size


def view_reasons(image: ImageDescription | None) -> dict[str, str]:
    """Return the reason by the name of each action, "" where it can be done."""
    there = any_image(image)
    return {
        **{row.name: grey_only(image) for row in COLORS},
        **{row.name: there for row in (LENS, CLEAR, REPORT, *PICTURES)},
        TRUE_SIZE.name: no_true_size(image),
    }
