"""The nets that conftest.py hangs under every test really catch; and a broken Qt binding is recognised."""

import signal
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

CALLS = 300
NOISE = 100  # references that come and go by themselves; a faulty binding loses one per call


class Source(QObject):
    """Emits."""

    said = Signal(int)


def test_qt_calls_keep_the_references_of_none_and_true(qtbot: object) -> None:
    """PySide6 6.12.0 on Python before 3.12 loses one per call, and aborts when none is left."""
    widget, source = QWidget(), Source()
    qtbot.addWidget(widget)  # type: ignore[attr-defined]  # pytest-qt has no types
    before = sys.getrefcount(None), sys.getrefcount(True)  # noqa: FBT003  the object is what is counted
    for number in range(CALLS):
        widget.update()
        source.said.emit(number)
    after = sys.getrefcount(None), sys.getrefcount(True)  # noqa: FBT003
    assert before[0] - after[0] < NOISE
    assert before[1] - after[1] < NOISE


OFFENCES = """
import logging, socket, subprocess, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
kept = []
def test_log(): logging.getLogger("a").warning("careless")
def test_thread(): threading.Thread(target=threading.Event().wait, daemon=True).start()
def test_process(): kept.append(subprocess.Popen(["sleep", "3"]))
def test_widget(qapp): kept.append(QWidget())
def test_timer(qapp): kept.append(QTimer()); kept[-1].start(1000)
def test_network():
    with socket.socket() as s:
        s.settimeout(1)
        s.connect(("192.0.2.1", 80))
"""


def test_each_offence_is_caught(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))  # where conftest.py finds pacs.py
    source = (Path(__file__).parent / "conftest.py").read_text("utf-8").replace("GRACE = 5.0", "GRACE = 0.1")
    pytester.makeconftest(source)
    pytester.makepyfile(OFFENCES)
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=5, errors=5, failed=1)
    for words in ("careless", "thread: Thread-*", "process: sleep 3", "Qt: widget *", "Qt: timer *"):
        result.stdout.fnmatch_lines([f"*{words}*"])
    result.stdout.fnmatch_lines(["*PermissionError*only this machine*"])


def test_decent_behaviour_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))  # where conftest.py finds pacs.py
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text("utf-8"))
    pytester.makepyfile(
        """
        import logging, subprocess, threading
        from PySide6.QtWidgets import QWidget
        def test_log(caplog): logging.getLogger("a").warning("expected")
        def test_thread(): threading.Thread(target=lambda: None).start()
        def test_process(): subprocess.run(["true"], check=True)
        def test_widget(qtbot): w = QWidget(); qtbot.addWidget(w); w.show()
        def test_folders(own_folders):
            from viewer import paths
            assert paths.data_folder().is_relative_to(own_folders)
            assert paths.log_folder().is_relative_to(own_folders)
        """
    )
    pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=5)


def test_what_tests_start_hears_ctrl_c_even_when_they_run_in_the_background_of_a_shell(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text("utf-8"))
    asked = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    pytester.makepyfile(f"""
import subprocess, sys
def test_it(): assert subprocess.check_output([sys.executable, "-c", {asked!r}]).strip() == b"True"
""")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as such a shell does
    try:
        result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    finally:
        signal.signal(signal.SIGINT, before)
    result.assert_outcomes(passed=1)
