"""Opening files in the window: pixels against numpy, and a sentence for everything that does not open."""

import copy
import os
import sys
import zipfile

import make
import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, generate_uid
from window import assert_seen, files, slices, written

from viewer.ui import theme

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


def test_a_folder_of_ct_images_is_shown_with_the_greys_of_the_standard(reader, tmp_path):
    series = slices(5)
    person = reader(written(series, tmp_path / "ct"))
    assert person.pane.count == 5
    assert person.number() == 3  # a volume opens in its middle
    assert_seen(person, series[2])
    assert "5" in person.said


def test_compressed_images_are_shown_with_the_same_greys(reader, tmp_path):
    series = slices(3)
    whole = [copy.deepcopy(dataset) for dataset in series]
    person = reader(written(series, tmp_path / "ct", JPEG2000Lossless))
    assert_seen(person, whole[1])


def test_a_monochrome1_image_is_inverted_once(reader, tmp_path):
    stored = (np.add.outer(np.arange(48), np.arange(64)) + 970).astype("<u2")
    dataset = make.cr_mono1(stored, PixelSpacing=[0.2, 0.2])
    person = reader(make.write(dataset, tmp_path / "cr"))
    dataset.PixelSpacing = [1, 1]
    assert_seen(person, dataset, center=1024 - 1024, width=64, inverted=True)


def test_a_damaged_neighbour_has_its_reason_in_the_panel_and_the_good_ones_open(reader, tmp_path):
    series = slices(3)
    folder = written(series, tmp_path / "ct")
    damaged = folder / "IM0001"
    damaged.write_bytes(damaged.read_bytes()[:700])
    (folder / "README.txt").write_text("no image")
    person = reader(folder)
    problems = person.window.furniture.problems.text
    assert problems.startswith(str(damaged))
    assert len(problems.split("\t")[1]) > 10
    assert person.pane.count == 2
    assert {record.instance_number for record in person.pane.hung.stack.records} == {1, 3}
    assert "; 1 file could not be used" in person.said
    assert not person.window.furniture._warning.isHidden()


def test_a_file_whose_pixels_are_cut_off_says_so_on_the_picture_in_words(reader, tmp_path):
    (dataset,) = slices(1)
    path = make.write(dataset, tmp_path / "cut")
    path.write_bytes(path.read_bytes()[:-2000])
    person = reader(path)
    assert "INCOMPLETE IMAGE" in person.words()


def test_a_codestream_whose_size_lies_costs_one_tile_with_a_reason(reader, tmp_path):
    liar, honest = slices(2)
    folder = written([liar, honest], tmp_path / "ct", JPEG2000Lossless)
    liar.Rows = 4096
    liar.save_as(folder / "IM0000")
    person = reader(folder)
    panes = person.desk.panes
    assert [bool(pane.trouble) for pane in panes] == [pane.hung.stack.rows == 4096 for pane in panes]
    assert sorted(pane.hung.stack.rows for pane in panes) == [48, 4096]
    (reason,) = (pane.trouble for pane in panes if pane.trouble)
    assert str(folder / "IM0000") in reason


def test_an_empty_folder_says_so_in_the_window(reader, tmp_path):
    (tmp_path / "empty").mkdir()
    person = reader(tmp_path / "empty")
    assert person.said == "No files were found there."
    assert person.window.intake.complaint == person.said
    assert person.said in person.viewport().look.hint


def test_a_folder_without_dicom_says_so_in_the_window(reader, tmp_path):
    for name in ("a.txt", "b.jpg", "c"):
        (tmp_path / name).write_text("something else")
    person = reader(tmp_path)
    assert person.said.startswith("No DICOM image was found")
    assert "3 files" in person.said


def test_a_path_that_is_not_there_says_so_in_the_window(reader, tmp_path):
    person = reader(tmp_path / "gone")
    assert str(tmp_path / "gone") in person.said
    assert person.window.intake.complaint


def test_a_zip_opens_like_a_folder(reader, tmp_path):
    series = slices(3)
    folder = written(series, tmp_path / "ct")
    with zipfile.ZipFile(tmp_path / "ct.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"deep/er/{path.name}")
    person = reader(tmp_path / "ct.zip")
    assert_seen(person, series[1])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_dropped_files_are_opened_and_a_name_that_is_not_utf8_keeps_its_bytes(reader, tmp_path):
    (dataset,) = slices(1)
    strange = tmp_path / os.fsdecode(b"M\xfcller #1 %41")
    make.write(dataset, tmp_path / "plain")
    (tmp_path / "plain").rename(strange)
    person = reader()
    assert person.drop(person.viewport(), files(strange))
    person.settle()
    assert person.pane.hung.stack.records[0].path == str(strange)
    assert_seen(person, dataset)


def test_files_dropped_on_the_window_beside_the_viewports_are_opened_too(reader, tmp_path):
    folder = written(slices(2), tmp_path / "ct")
    person = reader()
    assert person.drop(person.window, files(folder))
    person.settle()
    assert person.pane.count == 2


def test_what_is_opened_while_something_is_read_is_opened_after_it(reader, tmp_path):
    first, second = written(slices(3), tmp_path / "ct"), written(other_series(), tmp_path / "more")
    person = reader()
    for folder in (first, second):
        person.window.intake.open_paths([str(folder)])
    assert person.said == "It is opened when what is being read is done …"
    person.wait(lambda: len(person.window.intake.shelf) == 5)
    person.settle()


def test_stop_gives_up_what_waits_too(reader, tmp_path):
    folder = written(slices(3), tmp_path / "ct")
    person = reader()
    person.window.intake.open_paths([str(folder)])
    person.window.intake.open_paths([str(written(other_series(), tmp_path / "more"))])
    person.window.intake.stop()
    person.settle()
    assert len(person.window.intake.shelf) <= 3


def other_series():
    """Return two images of another series."""
    datasets = slices(2)
    for number, dataset in enumerate(datasets):
        dataset.SeriesInstanceUID = f"{make.STUDY}.7"
        dataset.SOPInstanceUID = f"{make.STUDY}.7.{number + 1}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return datasets


def test_reading_can_be_stopped_and_what_was_read_stays(reader, tmp_path):
    folder = written(slices(200, 8, 8), tmp_path / "ct")
    person = reader()
    person.window.intake.open_paths([str(folder)])
    person.wait(lambda: len(person.window.intake.shelf) > 0)
    person.window.intake.stop()
    assert person.said == "Reading was stopped; what was read so far is in the list."
    person.settle()
    read = len(person.window.intake.shelf)
    assert 0 < read <= 200
    assert person.desk.pane.picture is not None


def test_the_first_image_is_there_while_the_rest_is_still_being_read(reader, tmp_path):
    folder = written(slices(600, 8, 8), tmp_path / "ct")
    person = reader()
    seen = []  # (instance, images in the stack so far, whether more is being read) at every change

    def look(_number: int) -> None:
        if person.pane.picture is not None:
            seen.append((person.number(), person.pane.count, person.window.intake.busy))

    person.desk.listen(look)
    person.open(folder)
    first, few, busy = seen[0]
    assert busy
    assert few < 600
    growing = [number for number, count, busy in seen if busy and count < 600]
    assert set(growing) == {first}  # the stack grew around what is looked at
    assert person.pane.count == 600


def test_markup_in_a_name_is_shown_as_text_and_loads_nothing(reader, tmp_path, stay_off_the_disk):
    name = "<img src='/etc/hostname'>^<b>Bold</b>"
    person = reader()
    written(slices(2, PatientName=name, SeriesDescription="<h1>Big</h1>"), tmp_path / "ct")
    with stay_off_the_disk():
        person.open(tmp_path / "ct")
        person.window.grab()
    assert "<b>Bold</b>" in person.words()
    assert "<img" in person.window.furniture.strip.accessibleName() + person.words()


def test_two_patients_on_the_screen_have_different_hues_and_one_has_none(reader, tmp_path):
    one = written(
        slices(1, PatientID="1", PatientName="One", StudyInstanceUID=generate_uid()), tmp_path / "a"
    )
    two = written(
        slices(1, PatientID="2", PatientName="Two", StudyInstanceUID=generate_uid()), tmp_path / "b"
    )
    person = reader(one, two)
    assert len(person.desk.panes) == 1
    assert person.viewport().look.hue == ""
    person.window.reading.arrange(1, 2)
    person.key("Tab", "PgDown", "PgDown")
    hues = [person.viewport(number).look.hue for number in range(2)]
    assert len(set(hues)) == 2
    assert set(hues) <= set(theme.PATIENT_HUES)
    for number, hue in enumerate(hues):
        edge = person.seen(number)[150, 2]
        assert tuple(edge) == tuple(bytes.fromhex(hue.removeprefix("#")))
    assert "One" in person.words(0)
    assert "Two" in person.words(1)


def test_closing_forgets_everything_and_the_same_files_open_anew_with_what_they_hold_now(reader, tmp_path):
    (dataset,) = slices(1)
    path = make.write(dataset, tmp_path / "image")
    person = reader(path)
    before = person.seen()
    person.key("Ctrl+W")
    assert person.pane.hung is None
    assert person.window.intake.shelf.patients() == ()
    assert "Curie" not in str(person.window.furniture.strip.accessibleName())
    dataset.PixelData = (make.frames_of(dataset)[0] + 150).astype("<i2").tobytes()
    make.write(dataset, path)
    person.open(path)
    assert (person.seen() != before).any()
    assert_seen(person, dataset)


def test_a_file_that_failed_opens_after_closing_when_it_has_been_repaired(reader, tmp_path):
    good, _ = slices(2)
    folder = written([good], tmp_path / "ct", JPEG2000Lossless)
    whole = (folder / "IM0000").read_bytes()
    cut = whole.rindex(b"\xff\x52")  # the coding style of the codestream: without it nothing is decoded
    (folder / "IM0000").write_bytes(whole[:cut] + b"\0" * (len(whole) - cut))
    person = reader(folder)
    assert person.pane.trouble
    person.key("Ctrl+W")
    (folder / "IM0000").write_bytes(whole)
    person.open(folder)
    assert person.pane.trouble == ""
    assert person.pane.picture is not None


def test_a_whole_copy_of_a_damaged_file_takes_its_place(reader, tmp_path):
    (dataset,) = slices(1)
    first, second = make.write(dataset, tmp_path / "a"), make.write(dataset, tmp_path / "b")
    first.write_bytes(first.read_bytes()[:-3000])
    person = reader(tmp_path)
    assert person.pane.hung.stack.records[0].path == str(second)
    assert_seen(person, dataset)


def test_the_sentence_of_an_opening_goes_after_a_while_and_a_complaint_stays(reader, tmp_path, monkeypatch):
    monkeypatch.setattr("viewer.ui.intake.SAID", 50)
    person = reader(written(slices(1), tmp_path / "ct"))
    person.wait(lambda: person.said == "")
    person.key("Ctrl+W")
    person.open(tmp_path / "nothing here")
    complaint = person.said
    person._qtbot.wait(150)
    assert person.said == complaint != ""
