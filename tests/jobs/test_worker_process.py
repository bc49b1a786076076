"""A worker process as the program starts it."""

import signal
import sys
from pathlib import Path

import pytest

from viewer.jobs.worker_process import WorkerProcess


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_ctrl_c_in_a_terminal_does_not_reach_a_worker_that_is_still_starting():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    worker = WorkerProcess()
    try:
        said = Path(f"/proc/{worker.pid}/status").read_text("ascii")
        blocked = int(next(line for line in said.splitlines() if line.startswith("SigBlk")).split()[1], 16)
        assert blocked >> (signal.SIGINT - 1) & 1
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before, "the program hears it as before"
    finally:
        worker.remove()
