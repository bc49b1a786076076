"""STOW-RS to a server that takes one transfer syntax alone: what can be recoded without a loss is."""

import json
import re
import socket
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import make
import pytest
from hostile_web import plain, serving
from pydicom import dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
)

from viewer.jobs.decode import DecoderPool
from viewer.jobs.recoding import recoder
from viewer.network.access import never
from viewer.network.web.dicomweb import DicomWeb
from viewer.network.web.stow import Sent, send

WRONG_SYNTAX = 0xC122


class Particular:
    """A server that takes one transfer syntax, and says so of each object, or of all with one word."""

    def __init__(self, taken: str, *, at_once: bool) -> None:
        self.taken, self.at_once = taken, at_once
        self.kept: list[bytes] = []

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        fits = {
            each: dcmread(BytesIO(each)).file_meta.TransferSyntaxUID == self.taken for each in bodies(request)
        }
        if self.at_once and not all(fits.values()):
            plain(b"", status="415 Unsupported Media Type")(connection, request)
            return
        self.kept += [each for each, fit in fits.items() if fit]
        answer = {
            tag: {"vr": "SQ", "Value": [item(each) for each in fits if fits[each] is kept]}
            for tag, kept in (("00081199", True), ("00081198", False))
        }
        plain(json.dumps(answer).encode(), status="202 Accepted")(connection, request)


def item(body: bytes) -> dict[str, object]:
    uid = str(dcmread(BytesIO(body)).SOPInstanceUID)
    return {"00081155": {"vr": "UI", "Value": [uid]}, "00081197": {"vr": "US", "Value": [WRONG_SYNTAX]}}


def bodies(request: bytes) -> Iterator[bytes]:
    boundary = re.search(rb"boundary=(\w+)", request)
    assert boundary
    for each in request.split(b"--" + boundary[1])[1:-1]:
        yield each.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("taken", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_what_a_server_does_not_take_as_it_is_goes_recoded(tmp_path: Path, taken: str, at_once: bool) -> None:  # noqa: FBT001
    datasets = [make.mr() for _ in range(3)]
    pixels = {str(dataset.SOPInstanceUID): dataset.PixelData for dataset in datasets}
    syntaxes = (JPEGLSLossless, taken, DeflatedExplicitVRLittleEndian)
    paths = [
        str(make.write(dataset, tmp_path / f"{number}.dcm", syntax))
        for number, (dataset, syntax) in enumerate(zip(datasets, syntaxes, strict=True))
    ]
    particular = Particular(taken, at_once=at_once)
    found: list[Sent] = []
    with DecoderPool(1) as pool, serving(particular) as server, DicomWeb(server.peer()) as web:
        assert send(web, paths, found.append) == 1
        assert [(sent.wrong_form, bool(sent.reason)) for sent in found] == [
            (True, True),
            (False, False),
            (True, True),
        ]
        particular.kept.clear()
        found.clear()
        assert send(web, paths, found.append, recoder(pool, tmp_path, never)) == 3
    assert [(sent.path, sent.reason) for sent in found] == [(path, "") for path in paths]
    kept = [dcmread(BytesIO(body)) for body in particular.kept]
    assert {str(read.SOPInstanceUID): read.PixelData for read in kept} == pixels
    assert len(list(tmp_path.iterdir())) == len(paths)
