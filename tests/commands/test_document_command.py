"""`viewer document`: what an object says, as text."""

import json
import subprocess
import sys
from pathlib import Path

import make
import pytest


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "viewer", "document", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_text_is_printed_below_what_it_is(tmp_path: Path) -> None:
    result = run(str(make.write(make.ct(SeriesDescription="Lung"), tmp_path / "image.dcm")))
    assert result.stdout.splitlines()[:2] == ["Lung", "(CT Image)"]
    assert "Slice Thickness: 2.5" in result.stdout
    assert (result.returncode, result.stderr) == (0, "")


def test_json_is_one_document(tmp_path: Path) -> None:
    result = run(str(make.write(make.ct(), tmp_path / "image.dcm")), "--json")
    found = json.loads(result.stdout)
    assert set(found) == {"title", "what", "kind", "text", "pages"}
    assert (found["what"], found["kind"]) == ("CT Image", "summary")


def test_a_file_that_cannot_be_read_has_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear colleague")
    result = run(str(path))
    assert result.returncode == 1
    assert result.stderr == f"viewer: {path}: it is not a DICOM file\n"


@pytest.mark.corpus
def test_a_real_report_is_printed(corpus: Path) -> None:
    result = run(str(corpus / "sr" / "pydicom__test-SR.dcm"))
    assert "    Diameter: 3 cm" in result.stdout.replace("    " * 2, "    ")
