"""`viewer remote`: peers are added, listed and removed, and what cannot work is said at once."""

import io
import json
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from viewer import cli
from viewer.paths import settings_file
from viewer.settings import load

ADD = ["remote", "add", "Archive", "--ae-title", "ARCHIVE", "--host", "pacs.example", "--port", "11112"]


def test_a_peer_that_was_added_is_listed_and_can_be_removed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert cli.main([*ADD, "--web", "https://pacs.example/dicom-web", "--method", "move", "--user", "u"]) == 0
    assert cli.main(["remote", "add", "Cloud", "--web", "https://cloud.example/", "--tls"]) == 0
    capsys.readouterr()
    assert cli.main(["remote", "list", "--json"]) == 0
    peers = json.loads(capsys.readouterr().out)["peers"]
    assert [peer["name"] for peer in peers] == ["Archive", "Cloud"]
    assert peers[0] == {
        "name": "Archive",
        "ae_title": "ARCHIVE",
        "host": "pacs.example",
        "port": 11112,
        "calling_ae_title": "NEGATOSCOPE",
        "tls": None,
        "user": "u",
        "web": "https://pacs.example/dicom-web",
        "method": "move",
        "associations": 2,
        "timeout": 30.0,
        "may_send": False,
    }
    assert peers[1]["tls"] == {"authorities": "", "certificate": "", "key": "", "name": ""}
    assert cli.main(["remote", "remove", "archive"]) == 0
    assert [peer.name for peer in load(settings_file()).settings.peers] == ["Cloud"]
    assert cli.main(["remote", "list"]) == 0
    assert capsys.readouterr().out == "Cloud  TLS  https://cloud.example/  auto\n"


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # of the package
        self.held: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[f"{service} {username}"] = password


def test_the_password_goes_to_the_keyring_and_nowhere_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Ring()
    words = [*ADD, "--web", "https://pacs.example/dicom-web", "--user", "u"]
    monkeypatch.setattr("viewer.commands.remote.system_keyring", lambda: ring)
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret\nmore\n"))
    assert cli.main(words) == 0
    assert "kept in the keyring" in capsys.readouterr().err
    assert set(ring.held.values()) == {"s3cret"}
    assert len(ring.held) == 2  # one for each door
    assert "s3cret" not in settings_file().read_text()
    monkeypatch.setattr("viewer.commands.remote.system_keyring", lambda: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret\n"))
    assert cli.main(words) == 0
    assert "not kept" in capsys.readouterr().err


def test_adding_a_name_again_replaces_the_peer(tmp_path: Path) -> None:
    place = ["--settings", str(tmp_path / "mine.toml")]
    assert cli.main([*place, *ADD]) == 0
    assert cli.main([*place, *ADD, "--timeout", "5"]) == 0
    (peer,) = load(tmp_path / "mine.toml").settings.peers
    assert (peer.port, peer.timeout) == (11112, 5.0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "A"], "A needs --ae-title and --host for DICOM, or --web for DICOMweb."),
        (["add", "A", "--host", "h", "--web", "https://h"], "A needs both --ae-title and --host."),
        (["add", " ", "--web", "https://h"], "A peer needs a name."),
        (["add", "A", "--web", "pacs/dicom-web"], "it must begin with https:// and a host"),
        (["add", "A", "--web", "https://u:secret@h/"], "must not hold a user name or a password"),
        (["add", "A", "--web", "https://h", "--ca", "gone.pem"], "gone.pem cannot be read"),
        (
            ["add", "A", "--ae-title", "A", "--host", "h", "--method", "web"],
            "A needs --web for --method web.",
        ),
        (["remove", "nobody"], "There is no peer called nobody"),
    ],
)
def test_what_cannot_work_is_said_and_not_kept(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["remote", *words]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "secret" not in error
    assert not settings_file().exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--port", "0"],
        ["--port", "x"],
        ["--ae-title", "SEVENTEEN LETTERS"],
        ["--timeout", "nan"],
        ["--method", "fax"],
    ],
)
def test_wrong_words_are_wrong_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*ADD, *words])
    assert ended.value.code == 2


def test_listing_tells_what_of_the_file_cannot_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text('[[peer]]\nname = "A"\nport = "x"\n')
    assert cli.main(["remote", "list"]) == 0
    out = capsys.readouterr()
    assert "port must be a whole number; the default is used." in out.err
    assert out.out == "A  auto\n"
