"""Jobs that run one after another, whatever the threads."""

import threading
import time

from viewer.jobs.in_turn import InTurn
from viewer.jobs.queue import JobQueue


def test_a_job_begins_when_the_one_before_has_ended_also_badly():
    calls = []
    lock = threading.Lock()
    queue = JobQueue(calls.append)
    turn, seen, running = InTurn(queue), [], []

    def work(number):
        def run(_):
            with lock:
                running.append(number)
                assert len(running) == 1
            time.sleep(0.002 * (5 - number % 5))
            with lock:
                running.remove(number)
            if number % 3 == 0:
                raise ValueError(number)
            return number

        return run

    for number in range(12):
        turn.submit(work(number), seen.append, lambda error: seen.append(error.args[0]))
    deadline = time.monotonic() + 10
    while len(seen) < 12 and time.monotonic() < deadline:
        while calls:
            calls.pop(0)()
        time.sleep(0.001)
    queue.close()
    assert seen == list(range(12))
