"""Which peer a word means."""

import pytest

from viewer.errors import ViewerError
from viewer.network.names import find_peer
from viewer.network.peer import Peer

PEERS = (Peer("Archive", "ARCHIVE", "a"), Peer("archive", "OTHER", "b"), Peer("Cloud", web="https://c"))


@pytest.mark.parametrize(
    ("word", "peer"),
    [
        ("Archive", PEERS[0]),
        ("archive", PEERS[1]),
        ("cloud", PEERS[2]),
        ("ORTHANC@localhost:4242", Peer("ORTHANC@localhost:4242", "ORTHANC", "localhost", 4242)),
        ("MY PACS@10.0.0.1", Peer("MY PACS@10.0.0.1", "MY PACS", "10.0.0.1", 104)),
        ("A@[::1]:104", Peer("A@[::1]:104", "A", "::1", 104)),
    ],
)
def test_a_word_is_a_configured_name_or_an_address(word: str, peer: Peer) -> None:
    assert find_peer(word, PEERS) == peer


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("ARCHIVE", "configured are Archive, archive, Cloud"),  # not clear which
        ("nobody", "There is no peer called nobody; configured are"),
        ("A@host:0", "0 is no port"),
        ("A@host:70000", "70000 is no port"),
        ("A@[::::]:1", "is no address"),
        ("SEVENTEEN LETTERS@host", "no address such as AET@HOST:PORT"),
        ("A@host/path:1", "no address such as"),
    ],
)
def test_a_word_that_means_no_peer_is_explained(word: str, words: str) -> None:
    with pytest.raises(ViewerError) as failed:
        find_peer(word, PEERS)
    assert words in str(failed.value)
