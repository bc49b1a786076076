"""The command line as a script meets it: exit status, one plain sentence, nothing loaded in vain."""

import json
import os
import subprocess
import sys
from pathlib import Path

import make
import pytest

from viewer import __version__
from viewer.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("PySide6", "numpy", "pydicom", "cv2", "SimpleITK", "imagecodecs", "viewer.app", "viewer.jobs.decode")


def viewer(*words, **environment):
    """Run the program as a script does; return its status, standard output and standard error."""
    ran = subprocess.run(
        [sys.executable, "-m", "viewer", *map(str, words)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in ran.stderr + ran.stdout, ran.stderr
    return ran.returncode, ran.stdout, ran.stderr


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    return make.write(make.ct(make.ramp(9, 13)), tmp_path_factory.mktemp("image") / "ct")


def test_importing_the_command_line_loads_neither_qt_nor_numpy_nor_codecs():
    code = f"import sys, viewer.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_subcommand_loads_no_qt(image):
    code = (
        "import sys\nfrom viewer.cli import main\n"
        f"if __name__ == '__main__':\n    main(['values', {str(image)!r}, '--at', '1,1'])\n"
        "    print([name for name in sys.modules if name.startswith('PySide6')])\n"
    )
    script = image.parent / "values.py"
    script.write_text(code)
    ran = subprocess.run(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_version_and_help_name_the_program_and_every_command():
    status, out, _ = viewer("--version")
    assert (status, out.strip()) == (0, f"Negatoscope {__version__}")
    status, out, _ = viewer("--help")
    assert status == 0
    assert all(f"  {name}" in out for name in COMMANDS)
    assert "Not a medical device" in out


@pytest.mark.parametrize("name", [name for name in COMMANDS if COMMANDS[name]])
def test_every_command_has_its_own_help_and_calls_wrong_usage_2(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert name in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main([name, "--no-such-option"])
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [("--size", "wide"), ("--size", "10x10"), ("--no-such-option",), ("demo", "--nothing")]
)
def test_wrong_usage_of_the_window_is_2_too(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: viewer")


def test_done_is_0(image, tmp_path):
    out = tmp_path / "out.png"
    calls = {
        "scan": ("scan", image, "--json"),
        "render": ("render", image, "-o", out),
        "values": ("values", image, "--at", "0.5,0.5", "--json"),
        "measure": ("measure", image, "--kind", "length", "--points", "1,1", "5,1", "--json"),
        "presentation-state": ("presentation-state", "create", image, "-o", tmp_path / "ps.dcm"),
    }
    assert calls.keys() <= COMMANDS.keys()
    for words in calls.values():
        status, text, errors = viewer(*words)
        assert (status, errors) == (0, ""), words
        if "--json" in words:
            assert isinstance(json.loads(text), dict)
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "words",
    [
        ("scan", "{gone}"),
        ("render", "{gone}", "-o", "{folder}/x.png"),
        ("values", "{gone}", "--at", "1,1"),
        ("measure", "{gone}", "--kind", "length", "--points", "1,1", "2,2"),
        ("presentation-state", "show", "{gone}"),
        ("presentation-state", "create", "{gone}", "-o", "{folder}/x.dcm"),
        ("render", "{image}", "-o", "{folder}/no/such/folder/x.png"),
        ("render", "{image}", "-o", "{folder}/x.png", "--frame", "7"),
    ],
)
def test_not_done_is_1_with_one_plain_sentence_that_names_the_file(words, image, tmp_path, capfd):
    names = {"gone": str(tmp_path / "gone"), "folder": str(tmp_path), "image": str(image)}
    status = main([word.format(**names) for word in words])
    errors = capfd.readouterr().err
    assert status == 1
    assert len(errors.strip().splitlines()) == 1
    assert str(tmp_path) in errors or str(image) in errors
    assert make.NAME.split("^")[0] not in errors


def test_a_fault_of_the_program_is_one_sentence_and_a_place_in_the_log(monkeypatch, capsys, own_folders):
    def broken(_words):
        raise KeyError(make.NAME)

    monkeypatch.setattr("viewer.cli._run", broken)
    assert main(["scan", "x"]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("viewer: A fault of the program (KeyError).")
    (log,) = own_folders.rglob("negatoscope.log")
    text = log.read_text("utf-8")
    assert "broken" in text
    assert make.NAME not in text + errors


def test_stopping_it_with_the_keyboard_is_no_fault(monkeypatch, capsys):
    def stopped(_words):
        raise KeyboardInterrupt

    monkeypatch.setattr("viewer.cli._run", stopped)
    assert main(["scan", "x"]) == 1
    assert capsys.readouterr().err == "viewer: stopped\n"


def test_a_reader_of_its_output_may_go_away(image):
    words = [sys.executable, "-m", "viewer", "scan", str(image), "--json"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdout.close()
        errors = running.stderr.read()
    assert b"Traceback" not in errors
    assert b"BrokenPipe" not in errors


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_name_that_is_not_utf8_is_said_without_a_fault(image, tmp_path):
    strange = tmp_path / os.fsdecode(b"M\xfcller")
    strange.write_bytes(image.read_bytes())
    status, out, errors = viewer("scan", strange, "--json")
    assert (status, errors) == (0, "")
    assert json.loads(out)["patients"]
    status, _, errors = viewer(
        "values", tmp_path / os.fsdecode(b"gone\xff"), "--at", "1,1", PYTHONIOENCODING="ascii"
    )
    assert status == 1
    assert len(errors.strip().splitlines()) == 1
