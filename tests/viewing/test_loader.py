"""The loader: one job for many who ask, the urgent first, and a sentence for every failure."""

import threading

import make
import numpy as np
import pytest
from made import Hands
from pydicom.uid import RLELossless
from window import slices, written

from viewer.cache.frames import FrameCache
from viewer.dicom.records import FrameKey
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.viewing.loader import Loader

URGENT, LATER = Priority.VISIBLE, Priority.PREFETCH


class Counting:
    """A pool that counts what it is asked, and may be held up."""

    def __init__(self, pool):
        self._pool = pool
        self.read = []
        self.open = threading.Event()
        self.open.set()

    def read_frame(self, path, number, **options):
        self.read.append((path, options["priority"]))
        self.open.wait(20)
        return self._pool.read_frame(path, number, **options)

    def locate(self, frames, **options):
        return self._pool.locate(frames, **options)


@pytest.fixture
def desk(decoders, tmp_path):
    """Return the loader, its hands, its pool and the datasets that it knows."""
    series = slices(4)
    folder = written(series, tmp_path / "ct")
    records = decoders.index([str(path) for path in sorted(folder.iterdir())])
    hands, pool = Hands(), Counting(decoders)
    with JobQueue(hands.post, threads=1) as queue:
        loader = Loader(queue, pool, FrameCache(1 << 24))
        loader.add(records)
        yield loader, hands, pool, series
        pool.open.set()


def asked(loader, wanted, priority=URGENT):
    """Ask for a picture; return the list into which the answer is put."""
    answers = []
    loader.request(wanted, priority, answers.append, answers.append)
    return answers


def key_of(dataset):
    return FrameKey(dataset.SOPInstanceUID)


def test_a_picture_has_the_values_of_its_file_and_is_there_at_once_the_next_time(desk):
    loader, hands, pool, series = desk
    answers = asked(loader, key_of(series[2]))
    assert answers == []
    hands.until(lambda: answers)
    assert np.array_equal(answers[0].frame.stored, make.frames_of(series[2])[0])
    assert asked(loader, key_of(series[2])) == answers
    assert len(pool.read) == 1


def test_many_who_ask_for_the_same_share_one_job(desk):
    loader, hands, pool, series = desk
    several = [asked(loader, key_of(series[0])) for _ in range(5)]
    hands.until(lambda: all(several))
    assert len({id(answers[0]) for answers in several}) == 1
    assert len(pool.read) == 1


def test_what_somebody_looks_at_overtakes_what_is_read_ahead(desk):
    loader, hands, pool, series = desk
    pool.open.clear()
    later = [asked(loader, key_of(dataset), LATER) for dataset in series[:3]]
    urgent = asked(loader, key_of(series[3]))
    raised = asked(loader, key_of(series[2]))
    pool.open.set()
    hands.until(lambda: all((*later, urgent, raised)))
    order = [path for path, _ in pool.read]
    assert order.index(loader.path(key_of(series[3]))) < order.index(loader.path(key_of(series[1])))
    assert order.index(loader.path(key_of(series[2]))) < order.index(loader.path(key_of(series[1])))
    assert later[2] == raised  # those who waited in the slow lane got the same


def test_a_failure_is_a_sentence_and_stays_one(desk, tmp_path):
    loader, hands, pool, series = desk
    (tmp_path / "ct" / "IM0001").unlink()
    answers = asked(loader, key_of(series[1]))
    hands.until(lambda: answers)
    assert "IM0001" in answers[0]
    assert loader.holds(key_of(series[1]))
    assert asked(loader, key_of(series[1])) == answers
    assert len(pool.read) == 1


def test_an_image_that_nobody_opened_is_a_sentence_too(desk):
    loader, hands, _, _ = desk
    answers = asked(loader, FrameKey("1.2.3"))
    hands.until(lambda: answers)
    assert answers == ["The file of this image is not known any more. Open it again."]


def test_a_fault_of_the_program_is_said_as_one(desk, monkeypatch):
    loader, hands, pool, series = desk
    monkeypatch.setattr(pool, "read_frame", lambda *_a, **_k: 1 / 0)
    answers = asked(loader, key_of(series[0]))
    hands.until(lambda: answers)
    assert answers == ["This image could not be shown: a fault of the program."]


def test_forgetting_answers_those_who_wait_and_reads_anew(desk, tmp_path):
    loader, hands, pool, series = desk
    first = asked(loader, key_of(series[0]))
    hands.until(lambda: first)
    pool.open.clear()
    waiting = asked(loader, key_of(series[1]))
    records_path = loader.path(key_of(series[0]))
    loader.forget()
    assert waiting == ["The study was closed."]
    pool.open.set()
    assert loader.path(key_of(series[0])) is None
    assert not loader.holds(key_of(series[0]))
    assert records_path is not None
    assert tmp_path.exists()


def test_nothing_that_was_read_before_forgetting_is_kept_after_it(desk):
    loader, hands, pool, series = desk
    pool.open.clear()
    asked(loader, key_of(series[1]))
    hands.until(lambda: pool.read)
    loader.forget()
    pool.open.set()
    answers = asked(loader, FrameKey("1.2.3"))  # the only thread is done with the other one by then
    hands.until(lambda: answers)
    assert not loader.holds(key_of(series[1]))


def test_a_file_that_takes_the_place_of_another_is_read_also_while_the_other_is(desk, decoders, tmp_path):
    loader, hands, pool, series = desk
    pool.open.clear()
    answers = asked(loader, key_of(series[0]))
    hands.until(lambda: pool.read)
    series[0].PixelData = (make.frames_of(series[0])[0] + 5).astype("<i2").tobytes()
    whole = make.write(series[0], tmp_path / "whole")
    loader.add(decoders.index([str(whole)]))
    pool.open.set()
    hands.until(lambda: answers)
    assert np.array_equal(answers[0].frame.stored, make.frames_of(series[0])[0])
    assert len(answers) == 1


def test_a_frame_too_large_to_keep_is_shown_and_does_not_ask_for_itself_again(decoders, tmp_path):
    """With room for one frame only, a picture may outlive its frame: it is at hand all the same."""
    series = slices(2)
    folder = written(series, tmp_path / "ct")
    hands = Hands()
    with JobQueue(hands.post, threads=1) as queue:
        loader = Loader(queue, decoders, FrameCache(1))
        loader.add(decoders.index([str(path) for path in sorted(folder.iterdir())]))
        both = [asked(loader, key_of(dataset)) for dataset in series]
        hands.until(lambda: all(both))
        assert all(loader.holds(key_of(dataset)) for dataset in series)
        assert loader.ready(key_of(series[0])) is both[0][0]


def test_the_frames_of_a_stack_are_those_that_are_read_one_by_one(desk, tmp_path):
    loader, hands, pool, series = desk
    compressed = make.ct(make.ramp(9, 13))
    path = make.write(compressed, tmp_path / "compressed", RLELossless)
    loader.add(pool._pool.index([str(path)]))
    first = key_of(series[0])
    asked(loader, first)
    hands.until(lambda: loader.ready(first) is not None)
    before = len(pool.read)
    keys = [key_of(dataset) for dataset in (*series[::-1], compressed)]
    job = Job(hands.post, lambda _: None, lambda _: None, None)
    for key, (description, frame) in zip(keys, loader.frames(keys, job), strict=True):
        assert (description.key, frame.key) == (key, key)
        assert np.array_equal(frame.stored, loader.frame(key, job)[1].stored)
    assert [path for path, _ in pool.read[before:]].count(str(path)) == 1
