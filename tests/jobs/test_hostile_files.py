"""Files with bytes changed at random, through the real decoder processes: a picture or a sentence."""

import random
import signal

import make
import numpy as np
import pytest
from fuzz_entry import draw
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs POSIX signals")

EACH = 30  # mutations of each seed
WORDS = (b"\0\0", b"\xff\xff", b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0", b"\x7f\xff\xff\xff", b"SQ\0\0")


def seeds(folder):
    """Return one file of each kind that takes its own way through the reader."""
    colour = np.arange(48 * 3).reshape(6, 8, 3).astype("u1")
    kinds = [
        (make.ct(), None),
        (make.ct(), RLELossless),
        (make.ct(make.ramp(dtype="<u2")), JPEGLosslessSV1),
        (make.mr(make.ramp(dtype="<u2")), JPEGLSLossless),
        (make.mr(make.ramp(dtype="<u2")), JPEG2000Lossless),
        (make.us_color(colour, PhotometricInterpretation="RGB"), JPEGBaseline8Bit),
        (make.us_color(frames=3), None),
        (make.palette(), None),
        (make.cr_mono1(), None),
        (make.enhanced_ct(3), None),
    ]
    for dataset, _ in kinds:
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "2.25.1234567890"
    return [make.write(dataset, folder / f"{n}", syntax) for n, (dataset, syntax) in enumerate(kinds)]


def changed(data, chance):
    """Return `data` with bits turned, bytes put in, taken out or cut off."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(132, len(out))
        kind = chance.randrange(5)
        if kind == 0:
            out[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            out[at] = chance.randrange(256)
        elif kind == 2:
            word = chance.choice(WORDS)
            out[at : at + len(word)] = word
        elif kind == 3:
            del out[at : at + chance.randint(1, 16)]
        else:
            out[at:at] = chance.randbytes(chance.randint(1, 16))
        if len(out) < 200:
            break
    return bytes(out[: chance.randrange(200, len(out))] if chance.random() < 0.1 and len(out) > 200 else out)


def test_e01_e03_three_hundred_damaged_files_cost_a_sentence_each(tmp_path):
    chance = random.Random(20_260_103)  # noqa: S311  the same changes each time
    drawn = refused = 0
    with DecoderPool(2) as pool:
        for seed in seeds(tmp_path):
            draw(*pool.read_frame(str(seed)))  # unharmed it is fine
            workers = pool.pids()
            data = seed.read_bytes()
            for number in range(EACH):
                path = tmp_path / f"{seed.name}-{number}"
                path.write_bytes(changed(data, chance))
                (outcome,) = pool.index([str(path)])
                assert isinstance(outcome, InstanceRecord | Refused | Skipped)
                try:
                    draw(*pool.read_frame(str(path)))
                    drawn += 1
                except ViewerError as error:
                    refused += 1
                    sentence = str(error)
                    assert "Traceback" not in sentence
                    assert "Testperson" not in sentence
                    assert "could not be read:" not in sentence, sentence  # an exception that nobody foresaw
            assert workers <= pool.pids()  # none died
    assert drawn > 50
    assert refused > 50
