"""Checks of IHE's Basic Image Review that are about the whole window; docs/bir.md lists all of them."""

import make
import numpy as np
import pytest
from pydicom.dataset import Dataset
from window import written

from viewer.dicom.luts import LookupTable, WindowFunction
from viewer.tools.commands import COMMANDS
from viewer.tools.table import TOOLS
from viewer.ui.actions.dispatcher import BAR_NAMES

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

ROWS, COLUMNS = 12, 20
BITS = [(8, 1), (8, 8), (16, 9), (16, 12), (16, 15), (16, 16)]
DEPTHS = [(bits, signed) for bits in BITS for signed in (False, True) if bits[1] > 1 or not signed]


def gray(bits: tuple[int, int], *, signed: bool = False, frames: int = 1) -> Dataset:
    """Return a secondary capture whose left half has the least and whose right half has the largest value."""
    allocated, stored = bits
    low, high = (-(1 << stored - 1), (1 << stored - 1) - 1) if signed else (0, (1 << stored) - 1)
    kind = f"{'i' if signed else 'u'}{allocated // 8}"
    one = np.full((ROWS, COLUMNS), low, f"<{kind}")
    one[:, COLUMNS // 2 :] = high
    mask = (1 << stored) - 1
    words = one.astype("<i4") & mask if stored < allocated else one
    return make.sc(
        np.stack([words] * frames).astype(f"<u{allocated // 8}")
        if frames > 1
        else words.astype(f"<u{allocated // 8}"),
        BitsStored=stored,
        HighBit=stored - 1,
        PixelRepresentation=int(signed),
        WindowCenter=str((low + high) / 2),
        WindowWidth=str(high - low),
        VOILUTFunction="LINEAR_EXACT",
    )


def halves(person, number: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the colours in the middle of the left and of the right half of the image."""
    seen = person.seen(number)
    found = []
    for x in (COLUMNS / 4, 3 * COLUMNS / 4):
        across, down = (round(value) for value in person.point(x, ROWS / 2, number))
        found.append(seen[down, across].astype(int))
    return found[0], found[1]


def show(reader, tmp_path, dataset: Dataset):
    return reader(written([dataset], tmp_path / "one"))


@pytest.mark.parametrize(("bits", "signed"), DEPTHS, ids=str)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_bir_b1_gray_of_every_depth_is_shown_from_black_to_white(reader, tmp_path, bits, signed, photometric):
    dataset = gray(bits, signed=signed)
    dataset.PhotometricInterpretation = photometric
    left, right = halves(show(reader, tmp_path, dataset))
    dark, bright = (right, left) if photometric == "MONOCHROME1" else (left, right)
    assert dark.max() == 0
    assert bright.min() == 255


@pytest.mark.parametrize("planar", [0, 1])
def test_bir_b1_rgb_by_pixel_and_by_plane(reader, tmp_path, planar):
    stored = np.zeros((ROWS, COLUMNS, 3), "u1")
    stored[:, : COLUMNS // 2] = (200, 30, 40)
    stored[:, COLUMNS // 2 :] = (10, 220, 60)
    dataset = make.sc(stored, PhotometricInterpretation="RGB", PlanarConfiguration=planar)
    if planar:
        dataset.PixelData = stored.transpose(2, 0, 1).tobytes()
    left, right = halves(show(reader, tmp_path, dataset))
    assert left.tolist() == [200, 30, 40]
    assert right.tolist() == [10, 220, 60]


def test_bir_b1_palette_colours_and_many_frames(reader, tmp_path):
    stored = np.zeros((ROWS, COLUMNS), "u1")
    stored[:, COLUMNS // 2 :] = 255
    left, right = halves(show(reader, tmp_path, make.palette(stored)))
    assert left.tolist() == [0, 255, 0]
    assert right.tolist() == [255, 0, 255 * 7 % 256]
    person = show(reader, tmp_path / "frames", gray((16, 12), frames=5))
    assert person.pane.count == 5
    person.key("End")
    assert halves(person)[1].min() == 255


def test_bir_b2_every_modality_of_a_corpus_is_shown(reader, corpus):
    folders = ("mg_dx_cr", "us", "xa", "nm_pet", "petct", "mr_multi", "enhanced", "color")
    for folder in folders:
        person = reader(corpus / folder)
        assert any(pane.picture is not None for pane in person.desk.panes), folder
        assert all(
            pane.picture is not None or pane.trouble or pane.hung is None for pane in person.desk.panes
        )
        person.window.close_studies()


def test_bir_b5_the_tools_of_the_profile_stand_in_the_bar(reader):
    person = reader()
    wanted = {"scroll", "window", "zoom", "pan", "length", "crosshair", "invert", "layout", "cine", "reset"}
    assert wanted <= set(BAR_NAMES)
    for name in wanted:
        assert not person.window.furniture.tools.action(name).icon().isNull(), name


def test_bir_b9_turning_and_flipping_is_for_projections_only(reader, tmp_path):
    names = ("rotate-right", "rotate-left", "flip-horizontal", "flip-vertical")
    person = show(reader, tmp_path, make.ct())
    assert set(names) <= person.window.reading.signs.reasons().keys()
    before = person.pane.state
    person.key("]", "Shift+H")
    assert person.pane.state == before
    person = show(reader, tmp_path / "cr", make.cr_mono1())
    assert not set(names) & person.window.reading.signs.reasons().keys()
    person.key("]")
    assert person.pane.state.rotation == 90


def test_bir_b16_invert_exchanges_black_and_white_and_back(reader, tmp_path):
    person = show(reader, tmp_path, gray((16, 12)))
    assert halves(person)[0].max() == 0
    person.key("N")
    assert halves(person)[0].min() == 255
    person.key("N")
    assert halves(person)[0].max() == 0


def test_bir_b17_tables_sigmoids_and_all_windows_are_chosen_by_their_explanation(reader, tmp_path):
    dataset = make.mr(
        WindowCenter=["1024", "1100"],
        WindowWidth=["64", "200"],
        WindowCenterWidthExplanation=["NORMAL", "SOFT"],
        VOILUTFunction="SIGMOID",
    )
    table = Dataset()
    table.LUTDescriptor, table.LUTExplanation = [256, 1000, 16], "BY TABLE"
    table.add_new("LUTData", "OW", (np.arange(256) * 257).astype("<u2").tobytes())
    dataset.VOILUTSequence = [table]
    person = show(reader, tmp_path, dataset)
    vois = person.pane.state.image.vois
    assert [voi.explanation for voi in vois] == ["NORMAL", "SOFT", "BY TABLE"]
    menu = person.window.furniture.windows.menu()
    menu.aboutToShow.emit()
    words = [action.text() for action in menu.actions()]
    looks = person.window.reading.room.looks
    for voi in vois:
        action = next(a for a, text in zip(menu.actions(), words, strict=True) if voi.explanation in text)
        action.trigger()
        person.settle()
        assert looks.voi(0) == voi
    assert isinstance(looks.voi(0), LookupTable)
    assert vois[0].function is WindowFunction.SIGMOID


def test_bir_b30_one_tool_is_active_and_has_its_key_and_cursor(reader, tmp_path):
    person = show(reader, tmp_path, make.ct())
    keys = {"scroll": "S", "window": "W", "zoom": "Z", "pan": "T", "length": "D"}
    tools = person.window.furniture.tools
    for name, key in keys.items():
        person.key(key)
        assert person.window.reading.room.hands.tool == name
        pressed = [row.name for row in TOOLS if row.name in BAR_NAMES and tools.action(row.name).isChecked()]
        assert pressed in ([name], [])  # in the bar, or in its menu
    assert all(row.cursor for row in TOOLS)
    assert next(row.key for row in COMMANDS if row.name == "reset") == "Esc"
