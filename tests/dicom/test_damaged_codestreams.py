"""Codestreams that were damaged though their end marker is there: how many are noticed, per syntax.

Noticed means refused, or shown with words that say so. What stays silent, and why:
- JPEG: bits that change a value but no length of a code, or change lengths so that the number of values comes
  out the same. Lossless: also a rest of up to 7 bytes, unless a value leaves the precision.
- JPEG 2000: bits in blocks that use up their bytes at nearly the usual rate; styles other than the plain one.
- HTJ2K: its decoder compares no lengths; whatever a block's bytes mean is shown.
- RLE: any byte that stands for a value; what changes a length is noticed.
- JPEG-LS: the last values of the picture.
"""

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom.uid import (
    JPEG2000,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from test_codecs import rle

from viewer.dicom.codecs import decode
from viewer.dicom.codestream import CodestreamError, read_jpeg
from viewer.dicom.jpeg_check import is_damaged
from viewer.dicom.pixel_layout import PixelLayout

down, across = np.mgrid[:160, :200]
NOISE = np.random.default_rng(1).normal(0, 12, down.shape)
SMOOTH = 1500 + 400 * np.sin(across / 30) + 300 * np.cos(down / 17) + NOISE
DEEP = SMOOTH.clip(0, 4095).astype("u2")
GRAY = (DEEP >> 4).astype("u1")
COLOR = np.stack([GRAY, GRAY[::-1], np.roll(GRAY, 77, 1)], -1).copy()
TRIALS = 25
HEADERS = 400  # bytes that are left alone: this is about what stands behind them


def lossless(bits):
    return imagecodecs.jpeg8_encode(DEEP, lossless=True, bitspersample=bits, predictor=1)


STREAMS = {
    "JPEG baseline": (JPEGBaseline8Bit, imagecodecs.jpeg8_encode(GRAY, level=95)),
    "JPEG extended": (JPEGExtended12Bit, imagecodecs.jpeg_encode(DEEP, level=92, bitspersample=12)),
    "JPEG lossless, 12 bits": (JPEGLosslessSV1, lossless(12)),
    "JPEG lossless, 16 bits": (JPEGLosslessSV1, lossless(16)),
    "JPEG-LS": (JPEGLSLossless, imagecodecs.jpegls_encode(DEEP)),
    "JPEG 2000 lossless": (
        JPEG2000Lossless,
        imagecodecs.jpeg2k_encode(DEEP, codecformat="j2k", level=0, reversible=True),
    ),
    "JPEG 2000": (JPEG2000, imagecodecs.jpeg2k_encode(DEEP, codecformat="j2k", level=80)),
    "HTJ2K": (HTJ2KLossless, imagecodecs.htj2k_encode(DEEP)),
    "RLE": (RLELossless, rle([(DEEP >> 8).astype("u1"), (DEEP & 255).astype("u1")])),
}
DAMAGES = {
    "tail cut": lambda data, at, _: data[:at],
    "middle cut": lambda data, at, _: data[:at] + data[at + 200 :],
    "zeros": lambda data, at, _: data[:at] + bytes(1024) + data[at + 1024 :],
    "noise": lambda data, at, rng: data[:at] + rng.bytes(512) + data[at + 512 :],
    "one bit": lambda data, at, rng: data[:at] + bytes([data[at] ^ 1 << rng.integers(8)]) + data[at + 1 :],
}
# percent noticed of 60 frames of 192 x 256: tail cut, middle cut, zeros, noise, one bit; tested with a margin
NOTICED = {
    "JPEG baseline": (100, 100, 100, 100, 30),
    "JPEG extended": (100, 100, 100, 100, 28),
    "JPEG lossless, 12 bits": (100, 100, 100, 100, 8),
    "JPEG lossless, 16 bits": (100, 100, 100, 98, 15),
    "JPEG-LS": (100, 100, 100, 100, 96),
    "JPEG 2000 lossless": (100, 100, 100, 100, 98),
    "JPEG 2000": (100, 100, 71, 96, 65),
    "HTJ2K": (100, 100, 43, 38, 18),
    "RLE": (100, 100, 100, 100, 6),
}
MARGIN = 25  # percent: few trials, and another picture


def layout_of(name):
    if name == "JPEG baseline":
        return PixelLayout(*GRAY.shape, 1, 8, 8, 7)
    return PixelLayout(*DEEP.shape, 1, 16, 12, 11)


def is_noticed(name, data):
    try:
        return bool(decode(data, STREAMS[name][0], layout_of(name)).damage)
    except CodestreamError:
        return True


@pytest.mark.parametrize("name", STREAMS)
def test_a_whole_codestream_is_called_whole(name):
    assert not is_noticed(name, STREAMS[name][1])


@pytest.mark.parametrize("name", STREAMS)
def test_a10_damage_within_a_codestream_is_noticed_as_often_as_the_table_says(name):
    _, data = STREAMS[name]
    rng = np.random.default_rng(7)
    for (kind, damage), percent in zip(DAMAGES.items(), NOTICED[name], strict=True):
        places = rng.integers(HEADERS, max(len(data) - 1100, HEADERS + 1), TRIALS)
        noticed = sum(is_noticed(name, damage(data, int(at), rng)) for at in places)
        least = TRIALS - 1 if percent == 100 else TRIALS * (percent - MARGIN) // 100
        assert noticed >= least, (kind, noticed)


def progressive(values):
    out = io.BytesIO()
    Image.fromarray(values).save(out, "JPEG", quality=90, progressive=True)
    return out.getvalue()


COLORS = {
    "4:4:4": imagecodecs.jpeg8_encode(COLOR, level=90, subsampling="444"),
    "4:2:2": imagecodecs.jpeg8_encode(COLOR, level=90, subsampling="422"),
    "4:2:0, odd": imagecodecs.jpeg8_encode(COLOR[:157, :191].copy(), level=90, subsampling="420"),
    "RGB": imagecodecs.jpeg8_encode(COLOR, level=90, colorspace="RGB", outcolorspace="RGB"),
    "lossless": imagecodecs.jpeg8_encode(
        COLOR, lossless=True, bitspersample=8, colorspace="RGB", outcolorspace="RGB"
    ),
    "progressive": progressive(COLOR),
}


@pytest.mark.parametrize("kind", COLORS)
def test_a10_colours_are_checked_in_every_sampling(kind):
    data = COLORS[kind]
    assert not is_damaged(data, read_jpeg(data))
    start = read_jpeg(data).scan_offsets[0]
    for at in range(start + 50, len(data) - 700, (len(data) - start) // 12):
        cut = data[:at] + data[at + 300 :]
        try:
            stream = read_jpeg(cut)
        except CodestreamError:
            continue
        assert is_damaged(cut, stream) or kind == "progressive"


def test_extra_fill_bytes_before_the_end_marker_are_no_damage():
    data = COLORS["4:4:4"]
    filled = data[:-2] + b"\xff\xff" + data[-2:]
    assert not is_damaged(filled, read_jpeg(filled))


def test_a_scan_header_without_its_spectrum_is_no_damage():
    data = bytearray(STREAMS["JPEG extended"][1])
    end = read_jpeg(bytes(data)).scan_offsets[0]
    data[end - 3 : end] = bytes(3)
    assert not is_damaged(bytes(data), read_jpeg(bytes(data)))
