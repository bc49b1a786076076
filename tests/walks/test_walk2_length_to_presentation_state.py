"""Walk 2: a drawn length becomes a presentation state, and comes back from it the same."""

import make
from verifiers import iod_findings, lint

from viewer.annotations.edits import Drawing
from viewer.annotations.kinds import label
from viewer.annotations.shapes import Kind
from viewer.dicom.pixels import read_frame
from viewer.dicom.read import read_header
from viewer.dicom.uids import Kind as ObjectKind
from viewer.dicom.uids import sop_class
from viewer.presentation.gsps_reader import read
from viewer.presentation.state import Content, Shown
from viewer.presentation.store import find_states, save_view
from viewer.tools.dragging import Dragging
from viewer.tools.table import tool_row
from viewer.tools.tool import Pointer
from viewer.viewing.viewport import ViewportState


def test_a_drawn_length_is_the_same_after_saving_and_reloading(tmp_path):
    # a CT image on the disk, 0.5 mm between rows and 0.25 mm between columns, shown at 4 pixels a column
    path = str(make.write(make.ct(make.ramp(60, 80), spacing=(0.5, 0.25)), tmp_path / "ct.dcm"))
    image, _ = read_frame(path)
    view = ViewportState(800, 600, image, zoom=4.0)

    # 1. the mouse is pressed, moved and released: each move previews the line with its length
    dragging = Dragging()
    dragging.begin(tool_row("length").tool, view, Pointer(*view.to_screen(10, 20)))
    dragging.move(Pointer(*view.to_screen(18, 20)))
    assert label(dragging.preview, image) == "2.0 mm"
    dragging.release(Pointer(*view.to_screen(26, 26)))

    # 2. the release is one edit of the drawing
    drawing = Drawing()
    drawing.do(dragging.outcome)
    (drawn,) = drawing.annotations
    assert drawn.kind is Kind.LENGTH
    assert label(drawn, image) == "5.0 mm"  # 16 columns of 0.25 and 6 rows of 0.5: 4 and 3

    # 3. "Save" makes a presentation state of the view and its annotations, in a file of our own series
    shown = [Shown(image, image.vois[0], rotation=view.rotation, flipped=view.flipped)]
    (saved,) = save_view(shown, drawing.on(image.key), Content("READING"), lambda _: read_header(path))
    assert iod_findings(saved) == []

    # 4. it is an object of the study like any other
    assert find_states(image_study := str(read_header(path).StudyInstanceUID)) == [saved]
    header = read_header(str(saved))
    assert header.StudyInstanceUID == image_study
    assert lint(header, {image.key.sop_instance_uid: (1, 60, 80)}) == []

    # 5. opened again, it is known as a presentation state, and read
    assert sop_class(header.SOPClassUID).kind is ObjectKind.PRESENTATION_STATE
    state = read(header)
    reloaded = [shape for shape in state.annotations if state.applies_to(shape.frame)]

    # 6. the drawing of the study gets what was drawn
    assert reloaded == [drawn]
    assert Drawing(reloaded).on(image.key) == (drawn,)
