"""Calls from other threads arrive on the main thread, in their order."""

import threading

from viewer.ui.bridge import MainThread


def test_calls_of_another_thread_run_on_the_main_thread_in_order(qtbot):
    bridge = MainThread()
    seen = []

    def work():
        for number in range(50):
            bridge.post(lambda number=number: seen.append((number, threading.current_thread())))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == []  # nothing runs before the main thread turns to its events
    qtbot.waitUntil(lambda: len(seen) == 50)
    assert [number for number, _ in seen] == list(range(50))
    assert {where for _, where in seen} == {threading.main_thread()}


def test_a_call_of_the_main_thread_itself_waits_its_turn(qtbot):
    bridge = MainThread()
    seen = []
    bridge.post(lambda: seen.append(1))
    assert seen == []
    qtbot.waitUntil(lambda: seen == [1])
