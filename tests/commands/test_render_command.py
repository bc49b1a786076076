"""`viewer render`: pictures of frames as files."""

import argparse
import sys

import cv2
import numpy as np
import pytest

from viewer.commands import render
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Padding
from viewer.dicom.luts import LookupTable, Palette, Rescale, Window
from viewer.dicom.overlay import OverlayKind, OverlayPlane, Shutter
from viewer.dicom.pixels import FrameReader
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError

KEY = FrameKey("1.2.3")
ROWS, COLUMNS = 20, 30
RAMP = np.arange(ROWS * COLUMNS, dtype="i2").reshape(ROWS, COLUMNS)
COLORS = np.random.default_rng(2).integers(0, 256, (4, 6, 3)).astype("u1")


def description(stored=RAMP, **more):
    return ImageDescription(KEY, "1.2", *stored.shape[:2], signed=stored.dtype.kind == "i", **more)


class Frames:
    """Frames by name, as a decoder would give them."""

    def __init__(self, **images):
        self.images = images

    def read_frame(self, path, frame_number):
        name = path.rpartition("/")[2].partition(".")[0]
        if name == "fault":
            raise RuntimeError("a fault")
        if name not in self.images:
            raise ViewerError(f"{path} is not there")
        image, stored, photometric = self.images[name]
        return image, Frame(KEY, stored + np.array(frame_number - 1, stored.dtype), photometric)


WINDOWS = (Window(100, 200, source="one"), Window(300, 100, source="two"))
FRAMES = Frames(
    ct=(description(modality_lut=Rescale(1, -24), vois=WINDOWS), RAMP, "MONOCHROME2"),
    table=(description(vois=(LookupTable(0, np.arange(600, dtype="u2"), 10),)), RAMP, "MONOCHROME2"),
    padded=(description(vois=WINDOWS, inverted=True, padding=Padding(0, 5)), RAMP, "MONOCHROME1"),
    tall=(description(vois=WINDOWS, pixel_aspect=2.0), RAMP, "MONOCHROME2"),
    color=(description(COLORS, bits_stored=8, vois=WINDOWS), COLORS, "RGB"),
    strange=(description(COLORS), COLORS, "CMYK"),
)


def run(*words, frames=FRAMES):
    parser = argparse.ArgumentParser()
    render.register(parser.add_subparsers())
    args = parser.parse_args(["render", *map(str, words)])
    return render.run(args, frames)


def picture(tmp_path, *words):
    out = tmp_path / "out.png"
    assert run(words[0], "-o", out, *words[1:]) == 0
    return cv2.imread(str(out), cv2.IMREAD_UNCHANGED)


def linear(values, center, width, top=255):
    """Return LINEAR of PS3.3 C.11.2.1.2.1, rounded."""
    y = np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0, 1)
    return np.floor(y * top + 0.5 + 1e-9)


def test_a_frame_is_one_pixel_per_pixel_with_the_headers_first_window(tmp_path):
    shown = picture(tmp_path, "ct.dcm")
    assert shown.dtype == np.uint8
    assert np.array_equal(shown, linear(RAMP - 24.0, 100, 200))
    assert np.array_equal(picture(tmp_path, "ct.dcm", "--frame", 3), linear(RAMP - 22.0, 100, 200))


def test_a_window_function_alternative_and_inversion_can_be_asked_for(tmp_path):
    values = RAMP - 24.0
    assert np.array_equal(picture(tmp_path, "ct.dcm", "--voi", 2), linear(values, 300, 100))
    assert np.array_equal(picture(tmp_path, "ct.dcm", "--window", "-10,50"), linear(values, -10, 50))
    exact = picture(tmp_path, "ct.dcm", "--window", "100,200", "--function", "linear_exact")
    assert np.array_equal(exact, np.floor(np.clip((values - 100) / 200 + 0.5, 0, 1) * 255 + 0.5 + 1e-9))
    sigmoid = picture(tmp_path, "ct.dcm", "--function", "sigmoid")
    assert np.array_equal(sigmoid, np.floor(255 / (1 + np.exp(-4 * (values - 100) / 200)) + 0.5))
    inverted = picture(tmp_path, "ct.dcm", "--invert")
    y = np.clip((values - 99.5) / 199 + 0.5, 0, 1)
    assert np.array_equal(inverted, np.floor((1 - y) * 255 + 0.5 + 1e-9))


def test_greys_can_be_truncated_and_have_sixteen_bits(tmp_path):
    y = np.clip((RAMP - 24.0 - 99.5) / 199 + 0.5, 0, 1)
    assert np.array_equal(picture(tmp_path, "ct.dcm", "--floor", "--pixels-only"), np.floor(y * 255 + 1e-9))
    deep = picture(tmp_path, "ct.dcm", "--bits", 16)
    assert deep.dtype == np.uint16
    assert np.array_equal(deep, linear(RAMP - 24.0, 100, 200, 65535))


def test_padding_is_black_in_a_negative_too(tmp_path):
    shown = picture(tmp_path, "padded.dcm").ravel()
    assert (shown[:6] == 0).all()
    assert (shown[6:] == 255 - linear(RAMP.ravel()[6:] * 1.0, 100, 200)).mean() > 0.99
    assert shown[6] > 0


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_picture_is_turned_clockwise_and_then_flipped(tmp_path, rotation):
    plain = picture(tmp_path, "ct.dcm")
    turned = np.rot90(plain, -rotation // 90)
    assert np.array_equal(picture(tmp_path, "ct.dcm", "--rotate", rotation), turned)
    assert np.array_equal(picture(tmp_path, "ct.dcm", "--rotate", rotation, "--flip"), turned[:, ::-1])
    # The same through the viewport: a viewport of the image's own size shows the same pixels.
    size = f"{turned.shape[1]}x{turned.shape[0]}"
    fitted = picture(tmp_path, "ct.dcm", "--rotate", rotation, "--flip", "--size", size)
    assert np.array_equal(fitted, turned[:, ::-1])


def test_a_size_is_a_viewport_that_keeps_the_shape_of_the_pixels(tmp_path):
    shown = picture(tmp_path, "ct.dcm", "--size", "100x40", "--invert")
    assert shown.shape == (40, 100)
    assert (shown[:, :20] == 0).all()
    assert (shown[:, 80:] == 0).all()
    assert (shown[:20, 20:80] > 0).any()
    tall = picture(tmp_path, "tall.dcm", "--size", "100x40", "--invert")  # 30 wide, 20 * 2 high
    assert (tall[:, :35] == 0).all()
    assert (tall[:, 65:] == 0).all()
    assert (tall[:5, 35:65] > 0).all()
    assert picture(tmp_path, "ct.dcm", "--size", "30x20", "--bits", 16).dtype == np.uint16


def test_colour_stays_colour_and_no_window_is_applied(tmp_path, capfd):
    assert np.array_equal(picture(tmp_path, "color.dcm")[..., ::-1], COLORS)
    assert np.array_equal(picture(tmp_path, "color.dcm", "--window", "40,400")[..., ::-1], COLORS)
    assert "no window" in capfd.readouterr().err
    assert np.array_equal(picture(tmp_path, "color.dcm", "--size", "6x4")[..., ::-1], COLORS)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nowhere.dcm"], "nowhere.dcm is not there"),
        (["strange.dcm"], "strange.dcm was not rendered: .*CMYK"),
        (["ct.dcm", "--voi", "3"], "no VOI 3, only 1 to 2"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_no_file(tmp_path, words, sentence):
    with pytest.raises(ViewerError, match=sentence):
        run(words[0], "-o", tmp_path / "out.png", *words[1:])
    assert list(tmp_path.iterdir()) == []


def test_an_image_is_never_overwritten_by_its_picture(tmp_path):
    path = tmp_path / "ct.dcm"
    path.write_bytes(b"precious")
    with pytest.raises(ViewerError, match="overwritten"):
        run(path, "-o", path)
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize(
    "words",
    [
        ["ct.dcm"],
        [],
        ["ct.dcm", "--batch", "list.tsv"],
        ["ct.dcm", "-o", "o.png", "--window", "40"],
        ["ct.dcm", "-o", "o.png", "--window", "40,0"],
        ["ct.dcm", "-o", "o.png", "--window", "nan,4"],
        ["ct.dcm", "-o", "o.png", "--frame", "0"],
        ["ct.dcm", "-o", "o.png", "--function", "cubic"],
        ["ct.dcm", "-o", "o.png", "--size", "0x5"],
        ["ct.dcm", "-o", "o.png", "--rotate", "45"],
    ],
)
def test_wrong_usage_is_status_two(words):
    with pytest.raises(SystemExit) as stopped:
        run(*words)
    assert stopped.value.code == 2


def test_a_batch_goes_on_after_failures_and_says_what_became_of_each(tmp_path, capfd):
    lines = [
        f"ct.dcm\t{tmp_path}/a.png",
        f"ct.dcm\t{tmp_path}/b.png\t2",
        f"nowhere.dcm\t{tmp_path}/c.png",
        f"fault.dcm\t{tmp_path}/d.png",
        "ct.dcm",
        f"ct.dcm\t{tmp_path}/e.png\tsecond",
        f"ct.dcm\t{tmp_path}/missing/f.png",
        "",
        f"color.dcm\t{tmp_path}/g.png",
    ]
    (tmp_path / "list.tsv").write_text("\n".join(lines), encoding="utf-8")
    assert run("--batch", tmp_path / "list.tsv") == 1
    said = [line.split("\t") for line in capfd.readouterr().out.splitlines()]
    assert [line[0] for line in said] == ["ok", "ok", "failed", "failed", "failed", "failed", "failed", "ok"]
    assert [line[1] for line in said] == [line.split("\t")[0] for line in lines if line]
    assert all(bool(reason) == (state == "failed") for state, _, reason in said)
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["a.png", "b.png", "g.png"]
    b = cv2.imread(str(tmp_path / "b.png"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(b, linear(RAMP - 23.0, 100, 200))


def test_a_batch_without_failures_is_status_zero_and_a_missing_list_is_said(tmp_path):
    (tmp_path / "list.tsv").write_text(f"ct.dcm\t{tmp_path}/a.png\n", encoding="utf-8")
    assert run("--batch", tmp_path / "list.tsv") == 0
    with pytest.raises(ViewerError, match="cannot be read"):
        run("--batch", tmp_path / "no.tsv")


@pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes are a matter of Linux")
def test_names_of_any_bytes_come_out_as_they_went_in(tmp_path, capfdbinary):
    (tmp_path / "list.tsv").write_bytes(b"no\xff\xe9.dcm\t" + bytes(tmp_path) + b"/a.png\n")
    assert run("--batch", tmp_path / "list.tsv") == 1
    assert b"failed\tno\xff\xe9.dcm\t" in capfdbinary.readouterr().out


def test_damage_is_said_beside_the_picture(tmp_path, capfd):
    class Damaged(Frames):
        def read_frame(self, path, frame_number):
            image, frame = super().read_frame(path, frame_number)
            return image, Frame(frame.key, frame.stored, frame.photometric, "the last 3 rows are missing")

    assert run("ct.dcm", "-o", tmp_path / "a.png", frames=Damaged(**FRAMES.images)) == 0
    assert capfd.readouterr().err == "viewer: ct.dcm: the last 3 rows are missing\n"


NOTICED = Frames(
    odd=(
        description(
            vois=WINDOWS, notices=("Rescale Slope (0028,1053) is 0: ignored", "Quality\tcontrol\nimage")
        ),
        RAMP,
        "MONOCHROME2",
    ),
    plain=(description(vois=WINDOWS), RAMP, "MONOCHROME2"),
)


def test_e01_what_was_ignored_of_a_header_is_said_and_the_picture_is_made(tmp_path, capfd):
    assert run("odd.dcm", "-o", tmp_path / "a.png", frames=NOTICED) == 0
    assert (
        capfd.readouterr().err.splitlines()[0] == "viewer: odd.dcm: Rescale Slope (0028,1053) is 0: ignored"
    )
    assert (tmp_path / "a.png").exists()


def test_e01_in_a_batch_the_notices_stand_in_the_line_of_the_image(tmp_path, capfd):
    lines = [f"odd.dcm\t{tmp_path}/a.png", f"plain.dcm\t{tmp_path}/b.png"]
    (tmp_path / "list.tsv").write_text("\n".join(lines), encoding="utf-8")
    assert run("--batch", tmp_path / "list.tsv", frames=NOTICED) == 0
    captured = capfd.readouterr()
    assert captured.out.splitlines() == [
        "ok\todd.dcm\tRescale Slope (0028,1053) is 0: ignored; Quality control image",
        "ok\tplain.dcm\t",
    ]
    assert captured.err == ""


@pytest.mark.corpus
def test_images_of_the_corpus_become_pictures(corpus):
    reader = FrameReader()
    rows = (corpus / "decode.tsv").read_text(encoding="utf-8").splitlines()[1:]
    paths = [row.split("\t")[0] for row in rows if row.split("\t")[3].startswith("OK")]
    assert len(paths) > 900
    for path in paths[::7]:
        for size in (None, (120, 100)):
            image, frame = reader.read(str(corpus / path), 1)
            assert render.picture(image, frame, render.Options(size=size)).size > 0


MARKS = np.zeros((ROWS, COLUMNS), bool)
MARKS[5, 3:20] = True
LAYERED = description(
    vois=WINDOWS,
    shutter=Shutter((3, 2, 28, 18), value=40000),
    overlays=(OverlayPlane(0x6000, OverlayKind.GRAPHIC, np.packbits(MARKS, bitorder="little")),),
)
LAYERS = Frames(
    layered=(LAYERED, RAMP, "MONOCHROME2"),
    colored=(description(vois=WINDOWS, supplemental=Palette(300, COLORS[0])), RAMP, "MONOCHROME2"),
)


def layered(tmp_path, name, *words):
    out = tmp_path / "out.png"
    assert run(name, "-o", out, *words, frames=LAYERS) == 0
    return cv2.imread(str(out), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("bits", [8, 16])
def test_A11_C22_C24_shutters_and_overlays_are_rendered(tmp_path, bits):
    shown = layered(tmp_path, "layered.dcm", "--bits", bits)
    top, cover = (255, 156) if bits == 8 else (65535, 40000)
    hidden = np.ones((ROWS, COLUMNS), bool)
    hidden[1:18, 2:28] = False
    assert (shown[MARKS] == top).all()
    assert (shown[4, 3:20] == 0).all()
    hidden[4:7, 2:21] = False
    assert (shown[hidden] == cover).all()


def test_C15_supplemental_colours_are_rendered_beside_gray(tmp_path):
    shown = layered(tmp_path, "colored.dcm")[..., ::-1]
    gray = linear(RAMP, 100, 200)
    for row, column in np.ndindex(RAMP.shape):
        value = RAMP[row, column]
        expected = COLORS[0][min(value - 300, 5)] if value >= 300 else [gray[row, column]] * 3
        assert shown[row, column].tolist() == list(expected)


def test_pixels_only_leaves_out_what_lies_on_them(tmp_path):
    for name in ("layered.dcm", "colored.dcm"):
        assert np.array_equal(layered(tmp_path, name, "--pixels-only"), linear(RAMP, 100, 200))


def test_a_turned_picture_in_a_viewport_has_its_layers_too(tmp_path):
    plain = layered(tmp_path, "layered.dcm", "--size", "30x20")
    assert np.array_equal(plain, layered(tmp_path, "layered.dcm"))
    turned = layered(tmp_path, "layered.dcm", "--size", "20x30", "--rotate", "90", "--flip")
    assert np.array_equal(turned, np.rot90(plain, -1)[:, ::-1])
    assert layered(tmp_path, "colored.dcm", "--size", "64x64").shape == (64, 64, 3)
