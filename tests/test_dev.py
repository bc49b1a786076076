"""The set-up script: what it says on a machine that lacks something, and that it does nothing twice."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return dev.py, loaded, for an empty checkout in a folder of its own."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "stamp")
    return module


def test_an_old_python_can_read_it_far_enough_to_refuse() -> None:
    ast.parse((ROOT / "dev.py").read_text("utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize(("words", "status"), [([], 2), (["dance"], 2), (["--help"], 0)])
def test_without_a_known_command_it_says_how(words: list[str], status: int) -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "dev.py", *words], capture_output=True, text=True, check=False
    )
    assert result.returncode == status
    assert "python3 dev.py demo" in result.stdout


def test_a_plain_user_gets_one_line_to_copy(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "is_missing", lambda library: library in {"libEGL.so.1", "libX11-xcb.so.1"})
    monkeypatch.setattr(dev, "has", lambda _module: False)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    packages = dev.missing_packages(window=False)
    assert packages == ["libegl1", "python3-venv"]
    with pytest.raises(SystemExit, match=r"sudo apt-get install .* libegl1 python3-venv\n"):
        dev.install_packages(packages)


def test_a_window_needs_more_than_a_picture(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "is_missing", lambda library: library == "libxcb-cursor.so.0")
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    assert dev.missing_packages(window=True) == ["libxcb-cursor0"]
    assert dev.missing_packages(window=False) == []
    monkeypatch.delenv("DISPLAY")
    assert dev.missing_packages(window=True) == []


def test_the_second_time_nothing_is_installed(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(dev, "run", lambda *command, **_environment: ran.append(command) or 0)
    dev.install("test")
    dev.install("test")
    dev.install("")  # what the tests need holds what the program needs
    assert [command[-2:] for command in ran] == [("-e", ".[test]")]
    (dev.ROOT / "pyproject.toml").write_text("[project]\n# changed\n", encoding="utf-8")
    dev.install("")
    dev.install("test")
    assert [command[-1] for command in ran[1:]] == [".", ".[test]"]


def test_an_exit_by_a_signal_is_not_taken_for_success(dev: ModuleType) -> None:
    assert dev.run(sys.executable, "-c", "import os; os.abort()") == 134
    assert dev.run(sys.executable, "-c", "raise SystemExit(3)") == 3


def test_without_a_display_the_picture_is_named(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(dev, "run", lambda *command, **_environment: ran.append(command) or 0)
    monkeypatch.setattr(dev, "PYTHON", Path(sys.executable))  # one that has Qt
    monkeypatch.setattr(dev.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert dev.demo([]) == 0
    assert ran[0][-3:] == ("demo", "--screenshot", str(dev.ROOT / "demo.png"))
    assert str(dev.ROOT / "demo.png") in capsys.readouterr().out
