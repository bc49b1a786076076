"""The question for a password: one for all who wait for it, and again with a word when it was refused."""

import threading

import pytest
from pacs import HOST
from PySide6.QtWidgets import QLabel

from viewer.network.credentials import Secrets
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer
from viewer.ui.studies.remote_password import PasswordPrompt

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
