"""The nets that conftest.py hangs under every test really catch; and a broken Qt binding is recognised."""

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


OFFENCES = {
    "log": "import logging\ndef test_it(): logging.getLogger('a').warning('careless')",
    "thread": "from threading import Event, Thread\n"
    "def test_it(): Thread(target=Event().wait, daemon=True).start()",
    "process": "import subprocess\nkept = []\ndef test_it(): kept.append(subprocess.Popen(['sleep', '3']))",
    "widget": "from PySide6.QtWidgets import QWidget\nkept = []\ndef test_it(qapp): kept.append(QWidget())",
    "timer": "from PySide6.QtCore import QTimer\nkept = []\n"
    "def test_it(qapp): kept.append(QTimer()); kept[0].start(1000)",
    "network": "import socket\n"
    "def test_it():\n    with socket.socket() as s:\n        s.settimeout(1); s.connect(('192.0.2.1', 80))",
}


@pytest.mark.parametrize("name", OFFENCES)
def test_an_offence_is_caught(name: str, pytester: pytest.Pytester) -> None:
    source = (Path(__file__).parent / "conftest.py").read_text("utf-8").replace("GRACE = 5.0", "GRACE = 0.1")
    pytester.makeconftest(source)
    pytester.makepyfile(OFFENCES[name])
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    assert result.ret == 1, result.stdout.str()
    words = {"log": "careless", "network": "only this machine"}.get(name, "left behind")
    result.stdout.fnmatch_lines([f"*{words}*"])


def test_decent_behaviour_passes(pytester: pytest.Pytester) -> None:
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
