"""Files in a native transfer syntax: the pixels of our decoder, and all else as it was."""

import shutil
import subprocess
from pathlib import Path

import make
import numpy as np
import pytest
from pydicom import Dataset, dcmread, uid

from viewer.dicom.pixels import read_frame
from viewer.dicom.transcode import recode
from viewer.errors import ViewerError

BOTH = (uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian)
SYNTAXES = (
    uid.RLELossless,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
    uid.JPEGLosslessSV1,
    uid.HTJ2KLossless,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
    *BOTH,
)


def recoded(path: Path, target: str, folder: Path) -> Path:
    found = recode(str(path), [target])
    other = folder / "recoded.dcm"
    other.write_bytes(b"".join(part.tobytes() for part in (found.head, found.pixels, found.tail)))
    assert found.transfer_syntax_uid == target
    return other


def rest(dataset: Dataset) -> Dataset:
    """Return a data set without what may differ."""
    for keyword in ("PixelData", "PhotometricInterpretation", "PlanarConfiguration", "LossyImageCompression"):
        if keyword in dataset:
            del dataset[keyword]
    return dataset


@pytest.mark.parametrize("target", BOTH)
@pytest.mark.parametrize("source", SYNTAXES)
def test_every_pixel_and_every_other_element_stay(source: str, target: str, tmp_path: Path) -> None:
    stored = make.ramp(dtype="<u2")
    dataset = make.ct(stored, PatientName="Müller^Jörg", SpecificCharacterSet="ISO_IR 100")
    block = dataset.private_block(0x0099, "NEGATOSCOPE TEST", create=True)
    block.add_new(0x01, "DS", "1.50")
    item = Dataset()
    item.CodeValue, item.SmallestImagePixelValue = "T-1", 7
    dataset.AnatomicRegionSequence = [item]
    path = make.write(dataset, tmp_path / "image.dcm", source)
    other = recoded(path, target, tmp_path)
    before, after = dcmread(path), dcmread(other)
    assert after.file_meta.TransferSyntaxUID == target
    assert np.array_equal(np.frombuffer(after.PixelData, "<u2").reshape(stored.shape), stored)
    if {source, target} & {uid.ImplicitVRLittleEndian}:  # there no VR is written that a private value has
        del before[0x00991001], after[0x00991001]
    assert rest(after) == rest(before)


def test_colours_are_those_of_the_decoder(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 256, (2, 12, 16, 3), np.uint8)
    dataset = make.us_color(values, frames=2)
    path = make.write(dataset, tmp_path / "image.dcm", uid.JPEGBaseline8Bit)
    again = dcmread(path)
    again.PhotometricInterpretation, again.PlanarConfiguration = "YBR_FULL_422", 0
    again.save_as(path)
    other = recoded(path, uid.ImplicitVRLittleEndian, tmp_path)
    after = dcmread(other)
    for number in (1, 2):
        assert np.array_equal(
            read_frame(str(other), number)[1].stored, read_frame(str(path), number)[1].stored
        )
    assert after.PhotometricInterpretation == read_frame(str(path))[1].photometric
    assert len(after.PixelData) == values.size
    assert after.LossyImageCompression == "01"  # what was lost before is said
    assert after.SOPInstanceUID == again.SOPInstanceUID


def test_a_text_too_long_for_its_vr_is_written_as_unknown(tmp_path: Path) -> None:
    dataset = make.ct()
    dataset.add_new(0x00281101, "US", [256, 0, 16])
    path = make.write(dataset, tmp_path / "image.dcm", uid.ImplicitVRLittleEndian)
    text = b"\\".join([b"1.25"] * 20000)
    whole, mark = path.read_bytes(), b"\x18\0\x50\0"  # Slice Thickness
    start = whole.index(mark)
    length = int.from_bytes(whole[start + 4 : start + 8], "little")
    long = text + b" " * (len(text) % 2)
    changed = mark + len(long).to_bytes(4, "little") + long
    path.write_bytes(whole[:start] + changed + whole[start + 8 + length :])
    after = dcmread(recoded(path, uid.ExplicitVRLittleEndian, tmp_path))
    raw = after.get_item(0x00180050)
    assert (raw.VR, bytes(raw.value).rstrip()) == ("UN", text)
    assert list(after[0x00281101].value) == [256, 0, 16]


def test_what_would_lose_something_is_refused_in_words(tmp_path: Path) -> None:
    path = make.write(make.mr(), tmp_path / "image.dcm", uid.JPEGLSLossless)
    with pytest.raises(ViewerError, match="in no form without compression"):
        recode(str(path), [uid.JPEG2000])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ViewerError, match=r"image\.dcm: .*(cut|ends|missing)"):
        recode(str(path), BOTH)
    native = make.write(make.ct(), tmp_path / "native.dcm")
    native.write_bytes(native.read_bytes()[:-20])
    with pytest.raises(ViewerError, match="ends inside the pixel data"):
        recode(str(native), BOTH)


@pytest.mark.parametrize("folder", ["compression", "syntax"])
def test_real_files_keep_their_pixels_and_can_be_read_by_dcmtk(
    folder: str, corpus: Path, tmp_path: Path
) -> None:
    count = 0
    for path in sorted((corpus / folder).iterdir()):
        for target in BOTH:
            try:
                other = recoded(path, target, tmp_path)
            except ViewerError:
                continue
            if "Rows" in dcmread(path, stop_before_pixels=True):
                count += 1
                theirs, ours = read_frame(str(path))[1], read_frame(str(other))[1]
                assert np.array_equal(theirs.stored, ours.stored), path.name
                assert theirs.photometric == ours.photometric
            if shutil.which("dcmdump"):
                subprocess.run(["dcmdump", "-q", "-M", str(other)], check=True, capture_output=True)
    assert count >= 8
