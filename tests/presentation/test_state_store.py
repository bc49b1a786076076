"""Where a reader's own states are kept."""

import os
import stat

import make
import pytest
from pydicom import dcmread

from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.describe import describe
from viewer.dicom.luts import Window
from viewer.errors import ViewerError
from viewer.paths import data_folder
from viewer.presentation.gsps_reader import read
from viewer.presentation.gsps_writer import InstanceSource
from viewer.presentation.state import Content, Shown, states_of
from viewer.presentation.store import find_states, save_state, save_view

DATASETS = [make.ct(slope=slope) for slope in (1.0, 2.0)]
IMAGES = [describe(dataset, 1) for dataset in DATASETS]
HEADERS = {dataset.SOPInstanceUID: dataset for dataset in DATASETS}
LINE = Annotation(Kind.LENGTH, IMAGES[0].key, ((1.0, 1.0), (4.0, 3.0)))


def save(shown=(IMAGES[0],), annotations=(LINE,)):
    items = [Shown(image, Window(40, 400)) for image in shown]
    return save_view(items, annotations, Content("READING"), HEADERS.__getitem__)


def test_a_study_without_states_has_none():
    assert find_states("1.2.3") == []


def test_every_save_is_a_new_instance_of_one_series():
    first, second = save(), save()
    assert find_states(make.STUDY) == [*first, *second]
    old, new = (dcmread(path) for path in (*first, *second))
    assert old.SOPInstanceUID != new.SOPInstanceUID
    assert old.SeriesInstanceUID == new.SeriesInstanceUID
    assert (old.InstanceNumber, new.InstanceNumber) == (1, 2)
    assert read(new).annotations == (LINE,)


def test_a_later_save_leaves_the_earlier_file_as_it_was():
    (first,) = save()
    before = first.read_bytes(), first.stat().st_mtime_ns
    save(annotations=())
    assert (first.read_bytes(), first.stat().st_mtime_ns) == before


def test_the_files_are_in_the_data_folder_under_names_that_no_uid_can_choose():
    (path,) = save()
    assert path.parent.parent == data_folder() / "presentation-states"
    assert len(path.stem) == len(path.parent.name) == 64


def test_images_of_different_slope_are_saved_as_two_states():
    paths = save(shown=IMAGES)
    assert [read(dcmread(path)).modality.slope for path in paths] == [1.0, 2.0]


def test_each_series_has_a_state_of_its_own_of_the_same_moment():
    other = make.ct(SeriesInstanceUID="1.2.3.77")
    image = describe(other, 1)
    headers = HEADERS | {other.SOPInstanceUID: other}
    paths = save_view([Shown(IMAGES[0]), Shown(image)], [], Content(), headers.__getitem__)
    states = [read(dcmread(path)) for path in paths]
    assert [state.applies_to(image.key) for state in states] == [False, True]
    assert states[0].content.created == states[1].content.created


def test_a_saved_state_is_never_overwritten():
    (state,) = states_of([Shown(IMAGES[0])], [], Content())
    source = [InstanceSource(DATASETS[0], (IMAGES[0],))]
    save_state(state, source)
    with pytest.raises(ViewerError, match="never changed"):
        save_state(state, source)


def test_nothing_is_written_unless_all_can_be():
    color = make.us_color()
    image = describe(color, 1)
    shown = [Shown(IMAGES[0]), Shown(image)]
    with pytest.raises(ViewerError, match="colour"):
        save_view(shown, [], Content(), (HEADERS | {color.SOPInstanceUID: color}).__getitem__)
    assert find_states(make.STUDY) == []
    with pytest.raises(ViewerError, match="no image"):
        save_view([], [], Content(), HEADERS.__getitem__)


def test_an_image_without_identity_cannot_be_named_by_a_state():
    nameless = make.ct(StudyInstanceUID=None, SeriesInstanceUID=None)
    image = describe(nameless, 1)
    with pytest.raises(ViewerError, match="which image, series and study"):
        save_view([Shown(image)], [], Content(), lambda _: nameless)


def test_a_damaged_state_does_not_keep_a_new_one_from_being_saved():
    (path,) = save()
    path.write_bytes(b"damaged")
    assert len(save()) == 1
    assert len(find_states(make.STUDY)) == 2


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said():
    data_folder().mkdir(parents=True)
    data_folder().chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(ViewerError, match="cannot be written"):
            save()
    finally:
        data_folder().chmod(stat.S_IRWXU)
