"""The question for a password: one for all who wait for it, and again with a word when it was refused."""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pacs import HOST
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from window import LEFT

from viewer.cache.store import Store
from viewer.network.credentials import Secrets
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer
from viewer.network.services import Services
from viewer.ui.studies.remote_password import PasswordPrompt
from viewer.viewing.neighbours import Neighbours
from viewer.viewing.remote import Remote

PEER = Peer("Web PACS", web=f"http://{HOST}:1/dicom-web", user="rita")
UNAUTHORIZED = 401
RIGHT = "right"

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


def asked(secrets, answers):
    thread = threading.Thread(target=lambda: answers.append(secrets.web(PEER)), daemon=True)
    thread.start()
    return thread


def typed(qtbot, prompt, password):
    qtbot.waitUntil(lambda: prompt.dialog is not None)
    dialog = prompt.dialog
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    dialog.line.setText(password)
    dialog.accept()
    return words


def test_several_threads_that_want_one_password_ask_once(qtbot):
    prompt, answers = PasswordPrompt(), []
    secrets = Secrets(prompt.ask)
    threads = [asked(secrets, answers) for _ in range(3)]
    qtbot.waitUntil(lambda: prompt.dialog is not None)
    qtbot.wait(50)
    typed(qtbot, prompt, RIGHT)
    qtbot.waitUntil(lambda: len(answers) == len(threads))
    assert {answer.password for answer in answers} == {RIGHT}
    assert prompt.dialog is None


def test_a_password_that_was_refused_is_asked_for_again_and_says_so(qtbot):
    prompt, answers = PasswordPrompt(), []
    secrets = Secrets(prompt.ask)
    asked(secrets, answers)
    assert "does not take" not in typed(qtbot, prompt, "wrong")
    qtbot.waitUntil(lambda: len(answers) == 1)
    refused = NetworkError("Web PACS says no.", Cause.CREDENTIALS, UNAUTHORIZED)
    assert secrets.forget_refused(PEER, refused)
    assert not secrets.forget_refused(PEER, refused)
    asked(secrets, answers)
    assert "does not take the password" in typed(qtbot, prompt, RIGHT)
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert answers[-1].password == RIGHT


def test_what_was_refused_for_another_reason_is_kept():
    secrets = Secrets()
    secrets.keep(PEER, RIGHT)
    assert not secrets.forget_refused(PEER, NetworkError("Forbidden.", Cause.CREDENTIALS, 403))
    assert not secrets.forget_refused(PEER, NetworkError("Gone.", Cause.CLOSED))
    assert secrets.web(PEER).password == RIGHT


# ---------------------------------------------------------------------------------------------- in the window
class Guarded(BaseHTTPRequestHandler):
    """A server that answers QIDO-RS to one user with one password."""

    RIGHT = "Basic " + base64.b64encode(f"{PEER.user}:{RIGHT}".encode()).decode()
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer one study, or that a password is needed."""
        allowed = self.headers.get("Authorization") == self.RIGHT
        row = {"0020000D": {"vr": "UI", "Value": ["1.2.77"]}, "00100020": {"vr": "LO", "Value": ["GUARDED"]}}
        first = "offset=0" in self.path or "offset" not in self.path
        body = json.dumps([row] if first else []).encode() if allowed else b""
        self.send_response(200 if allowed else UNAUTHORIZED)
        self.send_header("Content-Type", "application/dicom+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def guarded():
    server = ThreadingHTTPServer((HOST, 0), Guarded)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Peer("Web PACS", web=f"http://{HOST}:{server.server_port}/dicom-web", user=PEER.user)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_wrong_password_is_asked_for_again_and_the_right_one_finds_and_lights_the_mark(
    reader, qtbot, tmp_path
):
    with guarded() as peer, Store(tmp_path / "cache") as store:
        prompt = PasswordPrompt()
        person = reader(
            store=store, remote=Remote(Neighbours(Services(Secrets(prompt.ask)), (peer,)), prompt=prompt)
        )
        person.key("Ctrl+B")
        browser, marks = person.window.studies.browser, person.window.studies.remote.marks
        person.wait(lambda: marks.of(peer.name).answers is False)  # nobody is asked for the sake of a mark
        assert prompt.dialog is None
        QTest.mouseClick(browser.head._buttons[1], LEFT)
        person.key("Ctrl+F")
        QTest.keyClicks(browser.filter.search, "GUARDED")
        QTest.keyClick(browser.filter.search, Qt.Key.Key_Return)
        assert "does not take" not in typed(qtbot, prompt, "wrong")
        qtbot.waitUntil(lambda: prompt.dialog is not None)
        assert "does not take the password" in typed(qtbot, prompt, RIGHT)
        person.wait(lambda: browser.remote.model.found.total == 1)
        person.wait(lambda: marks.of(peer.name).answers is True)
