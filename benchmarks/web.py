"""A study by WADO-RS, against DCMTK's getscu from the same Orthanc."""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import material
from benchmarks.pairs import Peer, Row, compare
from viewer.network.web.dicomweb import DicomWeb
from viewer.network.web.wado import Resource, retrieve

SLICES = 300  # 150 MB
ROUNDS = 5
GOAL = 1 / 1.2  # a ratio of times: 1.2 times as fast


def measure() -> Iterator[Row]:
    """Compare both; nothing without Orthanc and getscu."""
    tests = str(Path(__file__).resolve().parent.parent / "tests")
    getscu = shutil.which("getscu")
    if getscu is None or shutil.which("Orthanc", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        print("getscu (dcmtk) or Orthanc is not installed, so it is not compared", file=sys.stderr)
        return
    sys.path.insert(0, tests)
    pacs: Any = importlib.import_module("pacs")

    with (
        tempfile.TemporaryDirectory(prefix="benchmark-") as parent,
        pacs.orthanc(Path(parent) / "o") as server,
    ):
        folder = Path(parent) / "in"
        server.store(material.ct_folder(Path(parent) / "study", SLICES))
        study = f"{material.ROOT}.2"
        words = [getscu, "-q", "+B", "-pdu", "131072", "-aec", "ORTHANC", "-S", "-od", str(folder)]
        words += ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study}"]
        words += ["127.0.0.1", str(server.peer.port)]

        def emptied() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

        def ours() -> None:
            emptied()
            with DicomWeb(server.peer) as web:
                found = retrieve(web, Resource(study), folder, lambda _: None)
            if found.count != SLICES:
                raise RuntimeError(f"{found.count} of {SLICES} came")

        def theirs() -> None:
            emptied()
            subprocess.run(words, check=True, env=os.environ | {"TCP_NODELAY": "1"})
            if len(list(folder.iterdir())) != SLICES:
                raise RuntimeError("getscu brought too few")

        yield from compare(
            f"a study of {SLICES} slices by WADO-RS",
            ours,
            [Peer("getscu with TCP_NODELAY=1", theirs, GOAL)],
            rounds=ROUNDS,
        )
