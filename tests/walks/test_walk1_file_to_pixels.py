"""Walk 1: a file on a CD becomes pixels on the screen."""

import copy

import make
import pytest
from pydicom.fileset import FileSet
from pydicom.uid import JPEG2000Lossless
from window import assert_seen, slices

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


def burnt(folder, *series):
    """Write series as a medium with a DICOMDIR (PS3.10) and the names that media have; return its files."""
    disc = FileSet()
    for dataset in (dataset for datasets in series for dataset in datasets):
        disc.add(dataset)
    disc.write(folder, use_existing=False)
    disc._stage["t"].cleanup()  # its scratch folder, which it would leave to the garbage collector
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "DICOMDIR")


def test_a_cd_in_the_drive_becomes_pixels_on_the_screen(reader, tmp_path):
    # a disc with a CT and an MR series of one patient, their images compressed, and one file scratched
    ct = slices(6, SeriesNumber="1", SeriesDescription="Abdomen")
    seen = copy.deepcopy(ct)
    for dataset in ct[:3]:
        make.write(dataset, tmp_path / "recoded", JPEG2000Lossless)
    mr = [make.mr(SeriesNumber="2", SeriesDescription="Localizer", InstanceNumber="1")]
    files = burnt(tmp_path / "cd", ct, mr)
    scratched = next(path for path in files if ct[5].SOPInstanceUID.encode() in path.read_bytes()[:2000])
    scratched.write_bytes(scratched.read_bytes()[:600] + b"\xff" * 3000)

    # 1. the window opens the disc: a job thread finds the DICOMDIR and the files that it lists
    person = reader(tmp_path / "cd")

    # 2. worker processes turned each file into a record; the scratched one has its reason in words
    shelf = person.window.intake.shelf
    assert len(shelf) == 6
    assert [refused.path for refused in shelf.refused] == [str(scratched)]
    assert shelf.refused[0].reason in person.window.furniture.problems.text

    # 3. the shelf has one patient with one study of two series; the CT hangs, ordered along the patient
    (patient,) = shelf.patients()
    assert [series.record.modality for series in patient.studies[0].series] == ["CT", "MR"]
    hung = person.pane.hung
    assert hung.series.series_description == "Abdomen"
    assert [record.instance_number for record in hung.stack.records] == [1, 2, 3, 4, 5]

    # 4. a worker read header and pixels of the middle image; decoded frames stay in memory
    assert person.pane.key == hung.keys[2]
    assert person.loader.holds(hung.keys[2])

    # 5. the pane has its picture, whose stages make the greys of the header's window: the formula, in numpy
    assert_seen(person, seen[2])

    # 6. the widget painted it, with its name, its place in the stack and the sides of the patient
    words = person.words()
    assert "Tina" in words
    assert "3/5" in words.replace(" ", "")
    assert person.viewport().look.overlay.edges == ("R", "L", "A", "P")

    # and the next image is one key away
    person.key("Down")
    assert_seen(person, seen[3])
