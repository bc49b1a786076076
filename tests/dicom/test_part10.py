import io

import pytest
from make import ct, write
from pydicom import dcmread, uid
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from viewer.dicom.part10 import as_part10


def bare(syntax: str) -> tuple[bytes, object]:
    """Return a data set without preamble and File Meta Information."""
    dataset = ct()
    stream = DicomBytesIO()
    stream.is_implicit_VR = syntax == uid.ImplicitVRLittleEndian
    stream.is_little_endian = syntax != uid.ExplicitVRBigEndian
    if not stream.is_little_endian:
        del dataset.PixelData  # its words would have to be turned first
    write_dataset(stream, dataset)
    return stream.getvalue(), dataset


@pytest.mark.parametrize(
    "syntax", [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian]
)
def test_a_bare_data_set_becomes_a_file_whose_data_set_is_the_same(syntax):
    data, dataset = bare(syntax)
    whole = as_part10(data, dataset.SOPClassUID, dataset.SOPInstanceUID)
    assert whole.endswith(data)
    found = dcmread(io.BytesIO(whole))
    assert found.file_meta.TransferSyntaxUID == syntax
    assert found.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
    assert found.file_meta.FileMetaInformationGroupLength > 0
    found.file_meta = dataset.file_meta
    assert found == dataset


def test_meta_without_a_preamble_keeps_its_transfer_syntax(tmp_path):
    whole = write(ct(), tmp_path / "file").read_bytes()
    again = as_part10(whole[132:], "1.2", "1.2.3")
    assert (
        dcmread(io.BytesIO(again)).file_meta.TransferSyntaxUID
        == dcmread(tmp_path / "file").file_meta.TransferSyntaxUID
    )
    assert again[:128] == bytes(128)


@pytest.mark.parametrize(
    ("begins", "stays"),
    [(b"MZ", False), (b"\x7fELF", False), (b"#!/bin/sh\n", False), (b"II*\0", True), (b"MM\0*", True)],
)
def test_only_the_preamble_of_a_tiff_stays(tmp_path, begins, stays):
    data = bytearray(write(ct(), tmp_path / "file").read_bytes())
    data[: len(begins)] = begins
    found = as_part10(bytes(data), "1.2", "1.2.3")
    assert found.startswith(begins) is stays
    assert found[128:] == data[128:]


@pytest.mark.parametrize("data", [b"", b"no DICOM at all", bytes(200), b"\x08\0\x05\0"])
def test_what_is_not_understood_is_left_alone(data):
    assert as_part10(data, "1.2", "1.2.3") == data
