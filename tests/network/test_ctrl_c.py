"""Ctrl-C while a command waits for a peer: it ends at once, in one sentence."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import hostile
import make
import pacs
import pytest


class Silent:
    """A peer that agrees to everything and then says nothing more."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        association = hostile.agree(connection)
        association.receive()
        self.asked.set()
        hostile.until_closed(connection)


@pytest.mark.parametrize("command", ["echo", "find", "send", "retrieve"])
def test_ctrl_c_ends_a_command_that_waits_for_a_peer_within_two_seconds(command: str, tmp_path: Path) -> None:
    (path,) = pacs.written([make.ct()], tmp_path / "files")
    more = {"send": [str(path)], "retrieve": ["--study", "1.2"]}.get(command, [])
    environment = os.environ | {
        "VIEWER_CACHE": str(tmp_path / "cache"),
        "VIEWER_SETTINGS": str(tmp_path / "settings.toml"),
    }
    silent = Silent()
    with hostile.hostile(silent) as access:
        words = [sys.executable, "-m", "viewer", command, f"HOSTILE@127.0.0.1:{access.peer.port}", *more]
        with subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                assert silent.asked.wait(60)  # that a busy machine may take to start it
                start = time.monotonic()
                process.send_signal(signal.SIGINT)
                _, said = process.communicate(timeout=30)
            finally:
                process.kill()
    assert time.monotonic() - start < 2.5  # on a busy machine
    assert (process.returncode, said) == (1, "viewer: stopped\n")
