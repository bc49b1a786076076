"""The demonstration is ready without a network, the generated head first."""

from pathlib import Path

from viewer.demo.phantom import Layout
from viewer.demo.studies import prepare
from viewer.paths import cache_folder

TINY = Layout(40, 48, 4, 5.0, 40.0, (-117.5, -95.0, -60.0))


def test_what_is_to_be_opened_exists_and_the_phantom_comes_first():
    heard = []
    paths = prepare(lambda done, total: heard.append((done, total)), lambda: False, TINY)
    assert heard[-1] == (4, 4)
    assert all(Path(path).exists() for path in paths)
    assert cache_folder() in Path(paths[0]).parents
    assert len(list(Path(paths[0]).iterdir())) == 4
    assert Path(paths[-1]).name == "DICOMDIR"


def test_a_cancelled_preparation_opens_nothing():
    assert prepare(lambda *_: None, lambda: True, TINY) == []
