"""Jobs by priority, on threads, with results on the main thread or nowhere."""

import queue as standard
import threading
import time

import pytest

from viewer.jobs.queue import JobQueue, Priority

WAIT = 5.0


class MainThread:
    """Stands where Qt's event loop does: runs what is posted, when asked."""

    def __init__(self) -> None:
        self.calls: standard.Queue = standard.Queue()

    def post(self, call) -> None:
        self.calls.put(call)

    def run_one(self) -> None:
        self.calls.get(timeout=WAIT)()

    def run_all(self) -> None:
        while not self.calls.empty():
            self.calls.get()()


@pytest.fixture
def main():
    return MainThread()


def held(jobs):
    """Occupy the only thread; return the event that frees it."""
    started, release = threading.Event(), threading.Event()

    def work(_job):
        started.set()
        release.wait(WAIT)

    jobs.submit(work, priority=Priority.VISIBLE, done=lambda _: None, failed=pytest.fail)
    assert started.wait(WAIT)
    return release


def test_a_result_arrives_on_the_main_thread(main):
    results = []
    with JobQueue(main.post, threads=1) as jobs:
        jobs.submit(
            lambda _: threading.current_thread().name,
            priority=Priority.VISIBLE,
            done=lambda name: results.append((name, threading.current_thread().name)),
            failed=pytest.fail,
        )
        main.run_one()
    assert results == [("job 1", threading.current_thread().name)]


def test_an_exception_arrives_as_failure_and_the_thread_goes_on(main):
    failures, results = [], []
    with JobQueue(main.post, threads=1) as jobs:
        jobs.submit(lambda _: 1 / 0, priority=Priority.NEXT, done=pytest.fail, failed=failures.append)
        jobs.submit(lambda _: 7, priority=Priority.NEXT, done=results.append, failed=pytest.fail)
        main.run_one()
        main.run_one()
    assert isinstance(failures[0], ZeroDivisionError)
    assert results == [7]


def test_higher_priorities_go_first_and_equal_ones_in_order(main):
    order = []
    with JobQueue(main.post, threads=1) as jobs:
        release = held(jobs)
        wanted = [("p1", Priority.PREFETCH), ("n1", Priority.NEXT), ("t", Priority.THUMBNAIL)]
        wanted += [
            ("v1", Priority.VISIBLE),
            ("n2", Priority.NEXT),
            ("v2", Priority.VISIBLE),
            ("s", Priority.SCAN),
        ]
        for name, priority in wanted:
            jobs.submit(
                lambda _, name=name: order.append(name),
                priority=priority,
                done=lambda _: None,
                failed=pytest.fail,
            )
        assert (jobs.running, jobs.waiting) == (1, 7)
        release.set()
        for _ in range(8):
            main.run_one()
        assert (jobs.running, jobs.waiting) == (0, 0)
    assert order == ["v1", "v2", "n1", "n2", "t", "s", "p1"]


def test_a_job_cancelled_while_it_waits_is_never_done(main):
    done = []
    with JobQueue(main.post, threads=1) as jobs:
        release = held(jobs)
        job = jobs.submit(
            lambda _: done.append(1), priority=Priority.NEXT, done=done.append, failed=done.append
        )
        job.cancel()
        assert jobs.waiting == 0
        release.set()
        main.run_one()
    main.run_all()
    assert done == []


def test_a_result_that_is_on_its_way_when_the_job_is_cancelled_is_dropped(main):
    done = []
    with JobQueue(main.post, threads=1) as jobs:
        job = jobs.submit(lambda _: 1, priority=Priority.NEXT, done=done.append, failed=done.append)
        call = main.calls.get(timeout=WAIT)
        job.cancel()
        call()
    assert done == []


def test_work_sees_that_it_is_cancelled(main):
    seen = threading.Event()

    def work(job):
        while not job.cancelled:
            time.sleep(0.001)
        seen.set()

    with JobQueue(main.post, threads=1) as jobs:
        job = jobs.submit(work, priority=Priority.NEXT, done=pytest.fail, failed=pytest.fail)
        while jobs.running == 0:
            time.sleep(0.001)
        job.cancel()
        assert seen.wait(WAIT)


def test_progress_arrives_at_most_ten_times_a_second_and_at_the_end(main):
    reports, results = [], []

    def work(job):
        begin = time.monotonic()
        count = 0
        while time.monotonic() - begin < 0.35:
            count += 1
            job.report(count, 10**9)
            time.sleep(0.001)
        job.report(10**9, 10**9)
        return time.monotonic() - begin

    with JobQueue(main.post, threads=1) as jobs:
        jobs.submit(
            work,
            priority=Priority.SCAN,
            done=results.append,
            failed=pytest.fail,
            progress=lambda done, total: reports.append((done, total)),
        )
        while not results:
            main.run_one()
    assert 2 <= len(reports) <= results[0] * 10 + 2
    assert reports[-1] == (10**9, 10**9)


def test_closing_cancels_what_runs_and_what_waits(main):
    done = []
    jobs = JobQueue(main.post, threads=2)

    def until_cancelled(job):
        while not job.is_cancelled():
            time.sleep(0.001)

    for _ in range(5):
        jobs.submit(until_cancelled, priority=Priority.NEXT, done=done.append, failed=done.append)
    jobs.close()
    main.run_all()
    assert done == []
    assert (jobs.running, jobs.waiting) == (0, 0)
    assert jobs.submit(
        until_cancelled, priority=Priority.NEXT, done=done.append, failed=done.append
    ).cancelled


def test_many_jobs_from_many_threads_are_each_done_once(main):
    done = []
    with JobQueue(main.post, threads=3) as jobs:

        def submit_some(start):
            for number in range(start, start + 50):
                jobs.submit(
                    lambda _, n=number: n, priority=Priority.NEXT, done=done.append, failed=pytest.fail
                )

        threads = [threading.Thread(target=submit_some, args=(k * 50,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for _ in range(200):
            main.run_one()
    assert sorted(done) == list(range(200))
