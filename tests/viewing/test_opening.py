"""Opening real files through real decoders: in which order they are told of, and what is said of each."""

import shutil
import zipfile
from contextlib import contextmanager

import make
import pytest
from made import Hands
from pydicom.uid import generate_uid
from window import slices, written

from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import JobQueue
from viewer.viewing.opening import Opening


class Heard:
    """Keeps what an opening says."""

    def __init__(self):
        self.batches, self.words, self.ends = [], [], []

    def found(self, items):
        self.batches.append(list(items))

    def progress(self, words):
        self.words.append(words)

    def finished(self, reason):
        self.ends.append(reason)

    def all(self, kind):
        return [item for batch in self.batches for item in batch if isinstance(item, kind)]

    @property
    def numbers(self):
        return sorted(record.instance_number for record in self.all(InstanceRecord))


@contextmanager
def clerk(decoders, tmp_path):
    hands = Hands()
    (tmp_path / "scratch").mkdir()
    with JobQueue(hands.post) as queue:
        yield Opening(queue, decoders, hands.post, tmp_path / "scratch"), hands


@pytest.fixture
def opened(decoders, tmp_path):
    """Return a function that opens paths and returns what was heard."""
    with clerk(decoders, tmp_path) as (opening, hands):

        def open_(*paths):
            heard = Heard()
            opening.open([str(path) for path in paths], heard)
            hands.until(lambda: heard.ends)
            return heard

        open_.opening, open_.hands = opening, hands
        yield open_


def test_every_file_is_told_of_once_and_the_first_ones_early(opened, tmp_path):
    heard = opened(written(slices(40, 8, 8), tmp_path / "ct"))
    assert heard.numbers == list(range(1, 41))
    assert heard.ends == [""]
    assert len(heard.batches) > 1
    assert len(heard.batches[0]) <= 8
    assert "40" in heard.words[-1]


def test_problems_are_named_with_their_reasons_and_the_rest_is_used(opened, tmp_path):
    folder = written(slices(3), tmp_path / "ct")
    (folder / "IM0001").write_bytes((folder / "IM0001").read_bytes()[:600])
    (folder / "notes.txt").write_text("hello")
    heard = opened(folder)
    assert heard.numbers == [1, 3]
    assert [item.path for item in heard.all(Refused)] == [str(folder / "IM0001")]
    assert all(item.reason for item in heard.all(Refused))
    assert [item.path for item in heard.all(Skipped)] == [str(folder / "notes.txt")]


def test_a_file_that_is_named_and_no_dicom_is_a_problem_and_not_passed_over(opened, tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    heard = opened(tmp_path / "notes.txt")
    assert len(heard.all(Refused)) == 1
    assert heard.all(Skipped) == []


def test_the_same_file_opened_twice_is_used_once(opened, tmp_path):
    folder = written(slices(2), tmp_path / "ct")
    assert opened(folder, folder).numbers == [1, 2]
    again = opened(folder / "IM0000")
    assert again.numbers == []
    assert [item.path for item in (*again.all(Skipped), *again.all(Refused))] == [str(folder / "IM0000")]


def test_a_copy_is_passed_over_and_another_content_under_the_same_uid_is_a_problem(opened, tmp_path):
    (dataset,) = slices(1)
    folder = written([dataset], tmp_path / "ct")
    shutil.copy(folder / "IM0000", folder / "IM0001")
    dataset.PatientComments = "not the same"
    make.write(dataset, folder / "IM0002")
    heard = opened(folder)
    assert len(heard.all(InstanceRecord)) == 1
    assert len(heard.all(Skipped)) == 1
    (other,) = heard.all(Refused)
    assert "same SOP Instance UID" in other.reason


def test_a_whole_file_takes_the_place_of_a_damaged_one_and_both_are_told_of(opened, tmp_path):
    (dataset,) = slices(1)
    folder = written([dataset, dataset], tmp_path / "ct")
    (folder / "IM0000").write_bytes((folder / "IM0000").read_bytes()[:-3000])
    heard = opened(folder)
    assert [record.path for record in heard.all(InstanceRecord)][-1] == str(folder / "IM0001")
    assert str(folder / "IM0000") in [item.path for item in heard.all(Refused)]


def test_a_zip_opens_and_what_is_wrong_in_it_is_named_as_a_person_knows_it(opened, tmp_path):
    folder = written(slices(2), tmp_path / "ct")
    (folder / "IM0001").write_bytes((folder / "IM0001").read_bytes()[:600])
    with zipfile.ZipFile(tmp_path / "ct.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"inner/{path.name}")
    heard = opened(tmp_path / "ct.zip")
    assert heard.numbers == [1]
    (bad,) = heard.all(Refused)
    assert "ct.zip" in bad.path
    assert bad.path.endswith("inner/IM0001")
    assert "scratch" not in bad.path


def test_after_forgetting_the_same_files_are_new_again(opened, tmp_path):
    folder = written(slices(2), tmp_path / "ct")
    assert opened(folder).numbers == [1, 2]
    opened.opening.forget()
    assert opened(folder).numbers == [1, 2]


def test_what_a_cancelled_opening_took_is_told_or_can_be_opened_again(opened, tmp_path):
    folder = written(slices(120, 8, 8), tmp_path / "ct")
    first = Heard()
    job = opened.opening.open([str(folder)], first)
    opened.hands.until(lambda: first.batches)
    job.cancel()
    second = opened(folder)
    assert first.ends == []
    assert sorted(first.numbers + second.numbers) == list(range(1, 121))


def test_of_an_opening_that_was_forgotten_nothing_is_told(opened, tmp_path):
    folder = written(slices(60, 8, 8), tmp_path / "ct")
    first = Heard()
    job = opened.opening.open([str(folder)], first)
    opened.hands.until(lambda: first.batches)
    job.cancel()
    opened.opening.forget()
    told = len(first.batches)
    assert opened(folder).numbers == list(range(1, 61))
    assert len(first.batches) == told


def test_what_is_prepared_first_is_opened_then_and_its_failure_is_said(opened, tmp_path):
    folder = written(slices(2, SeriesInstanceUID=generate_uid()), tmp_path / "ct")

    def prepare(report, cancelled):
        assert not cancelled()
        report(1, 2)
        return [str(folder)]

    heard = Heard()
    opened.opening.prepare(prepare, heard)
    opened.hands.until(lambda: heard.ends)
    assert heard.words[0].startswith("Making the demonstration study: 1 of 2")
    assert heard.numbers == [1, 2]

    def broken(_report, _cancelled):
        raise OSError("the disk is full")

    failed = Heard()
    opened.opening.prepare(broken, failed)
    opened.hands.until(lambda: failed.ends)
    assert "the disk is full" in failed.ends[0]


class Recorder(DecoderPool):
    """A pool that remembers for which media it was asked."""

    asked = ()

    def directory(self, path, **options):
        self.asked += (path,)
        return super().directory(path, **options)


def test_a_medium_is_read_by_a_worker_and_what_is_wrong_with_it_is_told(tmp_path):
    folder = written(slices(1), tmp_path / "ct")
    (folder / "DICOMDIR").write_bytes(b"no directory" * 50)
    (folder / "loop").symlink_to(folder)
    heard = Heard()
    with Recorder(1) as pool, clerk(pool, tmp_path) as (opening, hands):
        opening.open([str(folder)], heard)
        hands.until(lambda: heard.ends)
    assert pool.asked == (str(folder / "DICOMDIR"),)
    assert heard.ends == [""]
    assert {item.path: item.reason for item in heard.all(Refused)} == {
        str(folder / "DICOMDIR"): "the DICOMDIR is damaged: its records cannot be read",
        str(folder / "loop"): "a link to a folder that is read already",
    }
    assert sum(map(len, heard.batches)) == 3
