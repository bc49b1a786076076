"""What is installed is all that runs: the wheel holds the package, its resources and its licence."""

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names in a wheel built from the checkout, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = next(iter(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_every_resource(names: set[str]) -> None:
    files = [path for path in (ROOT / "resources").rglob("*") if path.is_file()]
    assert files
    assert {f"viewer/_resources/{path.relative_to(ROOT / 'resources').as_posix()}" for path in files} <= names


def test_the_wheel_holds_every_module(names: set[str]) -> None:
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "viewer").rglob("*.py")} <= names


def test_the_wheel_holds_its_licence_and_no_tests(names: set[str]) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in names)
