"""Settings: what a file says, what cannot be used, and that what a person wrote stays."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as some

from viewer.cache.eviction import Limits
from viewer.errors import ViewerError
from viewer.network.listener_settings import ListenerSettings
from viewer.network.peer import Method, Peer, Tls
from viewer.settings import Settings, change, load, loaded, saved, with_peer, without_peer

GOLDEN = ROOT / "tests" / "golden" / "settings"
ARCHIVE = Peer(
    name="Archive",
    ae_title="ARCHIVE",
    host="pacs.example",
    port=11112,
    calling_ae_title="READING1",
    tls=Tls(
        "/etc/hospital/authority.pem",
        "/etc/hospital/reading1.crt",
        "/etc/hospital/reading1.key",
        "archive.example",
    ),
    user="reader",
    web="https://pacs.example/dicom-web",
    method=Method.MOVE,
    associations=4,
    timeout=20.0,
    may_send=True,
)
CLOUD = Peer("Cloud", web="https://cloud.example/dicom-web", method=Method.WEB)


def test_the_settings_of_each_version_are_understood() -> None:
    found = load(GOLDEN / "0.1.0.toml")
    assert found.settings == Settings(
        (ARCHIVE, CLOUD),
        listener=ListenerSettings(enabled=True, ae_title="READING1", port=11113, peers=("Archive",)),
        remember_opened=False,
        cache=Limits(500_000_000_000, 20_000_000_000),
    )
    assert [notice.partition(": ")[2] for notice in found.notices] == [
        "the key peer Archive: shelf is not known; it is kept.",
        "the key colour_of_the_room is not known; it is kept.",
    ]


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    found = load(tmp_path / "none.toml")
    assert (found.settings, found.notices) == (Settings(), ())


def test_saving_what_was_loaded_changes_not_a_byte() -> None:
    text = (GOLDEN / "0.1.0.toml").read_text("utf-8")
    assert saved(loaded(text, "it").settings, text, "it") == text


def test_a_change_leaves_comments_and_unknown_keys_alone() -> None:
    text = (GOLDEN / "0.1.0.toml").read_text("utf-8")
    settings = with_peer(loaded(text, "it").settings, replace(ARCHIVE, port=104, tls=None, method=Method.GET))
    after = saved(settings, text, "it")
    assert loaded(after, "it").settings == settings
    lost = set(text.splitlines()) - set(after.splitlines())
    assert lost == {
        "port = 11112",
        'method = "move"',
        "[peer.tls]",
        *(line for line in text.splitlines() if "/etc/hospital" in line or "archive.example" in line),
    }


def test_a_peer_is_removed_alone() -> None:
    text = (GOLDEN / "0.1.0.toml").read_text("utf-8")
    after = saved(without_peer(loaded(text, "it").settings, "Cloud"), text, "it")
    assert loaded(after, "it").settings.peers == (ARCHIVE,)
    assert "# in the basement" in after
    assert "shelf = 7" in after


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[peer]]\nname = "A"\nport = "104"', "peer A: port must be a whole number"),
        ('[[peer]]\nname = "A"\nport = true', "peer A: port must be a whole number"),
        ('[[peer]]\nname = "A"\nport = 0', "peer A: port must be a port from 1 to 65535"),
        (
            '[[peer]]\nname = "A"\nae_title = "TOO LONG FOR A TITLE"',
            "an AE title of at most 16 ASCII characters",
        ),
        ('[[peer]]\nname = "A"\nmethod = "fax"', 'method must be one of "auto", "get", "move", "web"'),
        ('[[peer]]\nname = "A"\nmay_send = "no"', "may_send must be true or false"),
        ('[[peer]]\nname = "A"\ntls = true', "tls must be a table"),
        ('[[peer]]\nname = "A"\n[peer.tls]\nname = 1', "peer A: tls.name must be a text in quotes"),
        ('[[peer]]\nhost = "h"', "peer 1 has no name; it is left out."),
        ("peer = 3", "peer must be tables, each beginning with [[peer]]"),
        ("remember_opened = 1", "remember_opened must be true or false"),
        ("listener = 1", "listener must be a table"),
        ("[cache]\nmax_bytes = 5", "cache must be a table with floor_free_bytes; the default is used."),
        ("[listener]\npeers = [1]", 'listener.peers must be a list of texts such as ["A", "B"]'),
        ("[listener]\nfriends = 1", "the key listener.friends is not known; it is kept."),
    ],
)
def test_what_cannot_be_used_is_said_and_its_default_holds(text: str, words: str) -> None:
    found = loaded(text, "settings.toml")
    assert len(found.notices) == 1
    assert found.notices[0].startswith("settings.toml: ")
    assert words in found.notices[0]
    assert found.settings in {Settings(), Settings((Peer("A"),)), Settings((Peer("A", tls=Tls()),))}
    assert saved(found.settings, text, "it") == text


def test_two_peers_of_one_name_are_told_and_both_stay_in_the_file() -> None:
    text = '[[peer]]\nname = "A"\nport = 1\n\n[[peer]]\nname = "A"\nport = 2\n'
    found = loaded(text, "it")
    assert found.settings.peers == (Peer("A", port=1),)
    assert "has the name of another, A" in found.notices[0]
    after = saved(with_peer(found.settings, Peer("A", port=3)), text, "it")
    assert "port = 3" in after
    assert "port = 2" in after


@pytest.mark.parametrize("text", ["peer = [", "a = 1\na = 2", "[[peer]\n", "\0", "x = " + "[" * 5000])
def test_a_file_that_is_no_toml_is_said_and_never_overwritten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    found = load(path)
    assert found.settings == Settings()
    assert "settings.toml cannot be understood" in found.notices[0]
    with pytest.raises(ViewerError, match="correct it, or remove it"):
        change(path, lambda settings: with_peer(settings, Peer("A")))
    assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("data", [b"\xff\xfe", b"#" * (2 << 20)])
def test_a_file_that_is_no_text_is_said(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    assert "is no settings file" in load(path).notices[0]


def test_a_change_reads_the_file_afresh_and_only_its_owner_reads_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.toml"
    change(path, lambda settings: with_peer(settings, Peer("A", "A")))
    change(path, lambda settings: with_peer(settings, Peer("B", "B", tls=Tls(name="b"))))
    assert load(path).settings.peers == (Peer("A", "A"), Peer("B", "B", tls=Tls(name="b")))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ViewerError, match=r"cannot be (read|written)"):
        change(tmp_path / "file" / "settings.toml", lambda settings: settings)


def test_peers_in_one_line_can_be_changed_too() -> None:
    text = 'peer = [{name = "A", port = 1}]\n'
    settings = with_peer(
        with_peer(loaded(text, "it").settings, Peer("A", port=2)), Peer("B", tls=Tls(name="b"))
    )
    assert loaded(saved(settings, text, "it"), "it").settings == settings


TEXTS = some.text(max_size=12)
NAMES = some.text(min_size=1, max_size=8)
PEERS = some.builds(
    Peer,
    name=NAMES,
    ae_title=some.from_regex(r"[A-Z]{0,16}", fullmatch=True),
    host=TEXTS,
    port=some.integers(1, 65535),
    tls=some.none() | some.builds(Tls, TEXTS, TEXTS, TEXTS, TEXTS),
    method=some.sampled_from(Method),
    timeout=some.floats(1, 600),
)
SETTINGS = some.builds(
    Settings,
    peers=some.lists(PEERS, max_size=3, unique_by=lambda peer: peer.name).map(tuple),
    listener=some.builds(ListenerSettings, peers=some.lists(TEXTS, max_size=3).map(tuple)),
    remember_opened=some.booleans(),
    cache=some.none() | some.builds(Limits, some.integers(0, 1 << 60), some.integers(0, 1 << 60)),
)


@given(SETTINGS, SETTINGS)
def test_whatever_was_saved_before_the_new_settings_are_read_back(first: Settings, second: Settings) -> None:
    text = saved(first, "", "it")
    assert loaded(text, "it").settings == first
    again = loaded(saved(second, text, "it"), "it")
    assert again.notices == ()
    assert again.settings.listener == second.listener
    assert again.settings.cache == second.cache
    assert sorted(again.settings.peers, key=lambda peer: peer.name) == sorted(
        second.peers, key=lambda peer: peer.name
    )


def test_changes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    names = [f"P{number}" for number in range(24)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda name: change(path, lambda now: with_peer(now, Peer(name))), names))
    assert sorted(peer.name for peer in load(path).settings.peers) == sorted(names)
