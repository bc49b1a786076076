"""The bound of the frame cache, and who goes first."""

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from viewer.cache.frames import OVERHEAD, FrameCache
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable, Palette
from viewer.dicom.records import FrameKey


def entry(number: int, size: int = 1000) -> tuple[FrameKey, ImageDescription, Frame]:
    key = FrameKey("1.2.3", number)
    return key, ImageDescription(key, "", 1, size), Frame(key, np.zeros((1, size), "u1"), "MONOCHROME2")


def test_a_frame_that_was_put_is_found_and_another_is_not():
    cache = FrameCache(10**6)
    key, description, frame = entry(1)
    cache.put(key, description, frame)
    assert cache.get(key) == (description, frame)
    assert cache.get(FrameKey("1.2.3", 2)) is None
    assert (key in cache, len(cache), cache.bytes_used) == (True, 1, 1000 + OVERHEAD)


def test_the_frame_that_was_not_looked_at_for_longest_goes_first():
    cache = FrameCache(3 * (1000 + OVERHEAD))
    for number in (1, 2, 3):
        cache.put(*entry(number))
    cache.get(FrameKey("1.2.3", 1))
    cache.put(*entry(4))
    assert [FrameKey("1.2.3", n) in cache for n in (1, 2, 3, 4)] == [True, False, True, True]


def test_a_frame_larger_than_the_bound_is_kept_alone():
    cache = FrameCache(2000)
    cache.put(*entry(1))
    cache.put(*entry(2, size=50_000))
    assert len(cache) == 1
    assert FrameKey("1.2.3", 2) in cache


def test_tables_count_too():
    cache = FrameCache(10**6)
    key, _, frame = entry(1)
    table = LookupTable(0, np.zeros(256, "u2"), 8)
    description = ImageDescription(
        key, "", 1, 1000, modality_lut=table, vois=(table,), palette=Palette(0, np.zeros((256, 3), "u1"))
    )
    cache.put(key, description, frame)
    assert cache.bytes_used == OVERHEAD + 1000 + 2 * 512 + 768


def test_clearing_leaves_nothing():
    cache = FrameCache(10**6)
    cache.put(*entry(1))
    cache.clear()
    assert (len(cache), cache.bytes_used) == (0, 0)


@given(
    steps=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 40_000)), max_size=60),
    limit=st.integers(0, 90_000),
)
def test_the_bytes_used_are_those_of_the_frames_and_within_the_bound(steps, limit):
    cache, last = FrameCache(limit), {}
    for number, size in steps:
        cache.put(*entry(number, size))
        last[number] = size + OVERHEAD
        here = [n for n in last if FrameKey("1.2.3", n) in cache]
        assert cache.bytes_used == sum(last[n] for n in here)
        assert cache.bytes_used <= limit or len(cache) == 1
        assert number in here


def test_threads_may_share_it():
    cache = FrameCache(20 * (1000 + OVERHEAD))

    def use(start):
        for number in range(start, start + 300):
            cache.put(*entry(number % 60))
            cache.get(FrameKey("1.2.3", (number * 7) % 60))

    threads = [threading.Thread(target=use, args=(k * 13,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache) == 20
    assert cache.bytes_used == cache.limit
