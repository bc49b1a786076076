"""One file through everything that the program does with it: for tools that change bytes at random."""

from viewer.commands.render import Options, picture
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.index import index_file
from viewer.dicom.pixels import FrameReader
from viewer.dicom.records import InstanceRecord
from viewer.errors import ViewerError

VIEWPORT = Options(size=(96, 64))  # smaller than most images: shrinking is part of what is tried


def render(path: str) -> None:
    """Index a file, read its first and its last frame, and draw them.

    Raises ViewerError, the one clean refusal; every other exception is a fault.
    """
    outcome = index_file(path)
    description, frame = FrameReader().read(path, 1)
    draw(description, frame)
    last = outcome.number_of_frames if isinstance(outcome, InstanceRecord) else 1
    if last > 1:
        draw(*FrameReader().read(path, last))


def draw(description: ImageDescription, frame: Frame) -> None:
    """Draw a frame pixel by pixel and in a viewport. Raises ViewerError."""
    try:
        picture(description, frame, Options())
        picture(description, frame, VIEWPORT)
    except ViewerError as error:
        raise ViewerError(f"not drawn: {error}") from error
