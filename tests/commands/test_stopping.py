"""Ctrl-C tells those who work, and is an interruption at the end."""

import signal

import pytest

from viewer.commands.stopping import stoppable


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def told_of(presses: int) -> list[bool]:
    """Return what work that is interrupted so often is told."""
    with stoppable() as stopped:
        told.append(stopped())
        for _ in range(presses):
            press()
        told.append(stopped())
    return told


told: list[bool] = []


@pytest.fixture(autouse=True)
def nothing_told() -> None:
    told.clear()


def fails(*, pressed: bool) -> None:
    with stoppable():
        if pressed:
            press()
        raise ValueError("a fault")


def test_ctrl_c_is_told_and_interrupts_when_the_work_has_ended() -> None:
    assert told_of(0) == [False, False]
    told.clear()
    with pytest.raises(KeyboardInterrupt):
        told_of(1)
    assert told == [False, True]


def test_work_that_fails_because_it_was_stopped_was_stopped() -> None:
    with pytest.raises(KeyboardInterrupt):
        fails(pressed=True)
    with pytest.raises(ValueError, match="a fault"):
        fails(pressed=False)


def test_a_second_ctrl_c_interrupts_at_once_and_afterwards_all_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        told_of(2)
    assert told == [False]
    assert signal.getsignal(signal.SIGINT) is before
