"""Small runs of all faults, each in a process of its own; `python -m tests.faults` runs them at length."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def lines_of(name: str, count: int) -> list[str]:
    """Run a fault and return its closing lines; fail with what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", name, "-n", str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    lines = [line for line in done.stdout.splitlines() if " verdict=" in line]
    if done.returncode or not lines or any("verdict=PASS" not in line for line in lines):
        pytest.fail(f"{done.stdout}\n{done.stderr}", pytrace=False)
    if any("skipped=True" in line for line in lines):
        pytest.skip(next(line for line in done.stdout.splitlines() if line.startswith("skipped")))
    return lines


def number(line: str, key: str) -> float:
    """Return a number of a closing line."""
    match = re.search(rf"\b{key}=([\d.]+)", line)
    assert match is not None, f"{key} is not in {line}"
    return float(match[1])


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are forked and killed")


def test_a_cache_whose_owner_is_killed_at_any_moment_keeps_what_it_promised() -> None:
    (line,) = lines_of("kill", 28)
    assert number(line, "kills") == 28
    assert number(line, "promised") > 100
    assert number(line, "lost") == number(line, "mismatched") == 0


def test_a_cache_keeps_what_it_promised_whichever_call_fails() -> None:
    (line,) = lines_of("calls", 25)
    assert number(line, "own") > 150
    assert number(line, "sentences") > 100


def test_a_disk_that_becomes_full_is_a_sentence_and_nothing_is_lost() -> None:
    (line,) = lines_of("full", 4)
    assert number(line, "promised") > 100


def test_a_power_cut_loses_nothing_and_without_flushes_it_would() -> None:
    whole, *careless = lines_of("power", 60)
    assert number(whole, "lost") == number(whole, "mismatched") == number(whole, "broken") == 0
    assert len(careless) == 3
    for line in careless:
        assert number(line, "lost") + number(line, "mismatched") + number(line, "broken") > 0


def test_of_processes_that_start_at_once_exactly_one_owns_the_cache() -> None:
    (line,) = lines_of("starts", 60)
    assert number(line, "one_owner") == 60


def test_rot_a_lost_index_a_cache_that_cannot_be_written_or_vanishes() -> None:
    (line,) = lines_of("rot", 40)
    assert number(line, "found") == 40


def test_after_a_bad_end_the_window_can_open_at_once() -> None:
    (line,) = lines_of("recovery", 4000)
    assert number(line, "orphans") == number(line, "missing") == 64
