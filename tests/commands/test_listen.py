"""`viewer listen`: what is sent is in the study cache, and it says what arrived and who was turned away."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import make
import pacs
import pytest
from pydicom.uid import generate_uid

from viewer.cli import main
from viewer.network.access import Access
from viewer.network.dimse.echo import echo
from viewer.network.dimse.store import Sent, store
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer


@contextmanager
def listening(folder: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the command in a process of its own."""
    places = {"VIEWER_CACHE": str(folder / "cache"), "VIEWER_SETTINGS": str(folder / "settings.toml")}
    command = [sys.executable, "-m", "viewer", "listen", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | places
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def port_of(process: "subprocess.Popen[str]") -> int:
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line.startswith("Listening as"), line + process.stderr.read()
    return int(line.split("at port ")[1].split()[0])


def sent(port: int, paths: list[Path], title: str = "NEGATOSCOPE") -> list[Sent]:
    found: list[Sent] = []
    store(Access(Peer("Door", title, "127.0.0.1", port)), [str(path) for path in paths], found.append)
    return found


def test_what_is_sent_is_in_the_cache_and_counted(tmp_path: Path) -> None:
    study = generate_uid()
    paths = pacs.written(make.ct_series(3, StudyInstanceUID=study), tmp_path / "out")
    with listening(tmp_path, "--port", "0", "--once", "--json", "--ae-title", "READING1") as process:
        port = port_of(process)
        with pytest.raises(NetworkError) as caught:
            echo(Access(Peer("Door", "OTHER", "127.0.0.1", port)))
        assert caught.value.cause is Cause.CALLED_AE
        assert all(each.stored for each in sent(port, paths, "READING1"))
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    document = json.loads(out)
    assert document["received"] == 3
    assert document["refused"] == 0
    assert document["studies"] == [{"study_instance_uid": study, "instances": 3}]
    assert [call["refused"] for call in document["calls"]] == ["it called another AE title than ours", ""]
    objects = [path for path in (tmp_path / "cache" / "obj").rglob("*") if path.is_file()]
    assert len(objects) == 3
    assert not [path for path in (tmp_path / "cache" / "tmp").rglob("*") if path.is_file()]


def test_ctrl_c_ends_it_in_good_order_and_no_process_is_left(tmp_path: Path) -> None:
    paths = pacs.written([make.ct()], tmp_path / "out")
    with listening(tmp_path, "--port", "0") as process:
        port = port_of(process)
        assert sent(port, paths)[0].stored
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - start < 10
    assert (process.returncode, err) == (0, "")
    assert "1 received, 0 not kept" in out
    assert not pacs.listens(port)


def test_only_who_is_named_may_send(tmp_path: Path) -> None:
    paths = pacs.written([make.ct()], tmp_path / "out")
    with listening(tmp_path, "--port", "0", "--seconds", "30", "--from", "MODALITY@127.0.0.1") as process:
        port = port_of(process)
        with pytest.raises(NetworkError) as caught:
            sent(port, paths)
        assert caught.value.cause is Cause.CALLING_AE
        peer = Peer("Door", "NEGATOSCOPE", "127.0.0.1", port, "MODALITY")
        found: list[Sent] = []
        store(Access(peer), [str(paths[0])], found.append)
        assert found[0].stored


def test_a_port_in_use_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIEWER_CACHE", str(tmp_path / "cache"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["listen", "--port", str(port), "--seconds", "5"]) == 1
    assert f"Port {port} is in use by another program" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["--port", "70000"], ["--seconds", "0"], ["--ae-title", "A" * 17], ["--from", "A@no.such.host."]],
)
def test_wrong_words_are_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["listen", *words])
    assert caught.value.code == 2
    assert words[0] in capsys.readouterr().err
