"""Whether and how the pixels went through a lossy compression (PS3.3 C.7.6.1.1.5, PS3.6 A.4)."""

from viewer.dicom.header import Header
from viewer.dicom.image import Lossy

# Transfer syntaxes that cannot be lossless: what the header says does not matter.
ALWAYS_LOSSY = {
    "1.2.840.10008.1.2.4.50": "JPEG",
    "1.2.840.10008.1.2.4.51": "JPEG",
    # Retired: spectral selection, progressive and hierarchical processes.
    **{f"1.2.840.10008.1.2.4.{number}": "JPEG" for number in (*range(52, 57), *range(59, 65))},
    "1.2.840.10008.1.2.4.100": "MPEG-2",
    "1.2.840.10008.1.2.4.101": "MPEG-2",
    "1.2.840.10008.1.2.4.102": "MPEG-4 AVC",
    "1.2.840.10008.1.2.4.103": "MPEG-4 AVC",
    "1.2.840.10008.1.2.4.104": "MPEG-4 AVC",
    "1.2.840.10008.1.2.4.105": "MPEG-4 AVC",
    "1.2.840.10008.1.2.4.106": "MPEG-4 AVC",
    "1.2.840.10008.1.2.4.107": "HEVC",
    "1.2.840.10008.1.2.4.108": "HEVC",
    "1.2.840.10008.1.2.4.111": "JPEG XL",
}
# Those that may be either: lossy unless the header says that nothing was lost.
MAYBE_LOSSY = {
    "1.2.840.10008.1.2.4.81": "JPEG-LS",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.93": "JPEG 2000",
    "1.2.840.10008.1.2.4.203": "HTJ2K",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}
# Lossy Image Compression Method (0028,2114), by what it begins with; the longer ones first.
METHODS = (
    ("ISO_10918", "JPEG"),
    ("ISO_14495", "JPEG-LS"),
    ("ISO_15444_15", "HTJ2K"),
    ("ISO_15444", "JPEG 2000"),
    ("ISO_13818", "MPEG-2"),
    ("ISO_14496", "MPEG-4 AVC"),
    ("ISO_23008", "HEVC"),
    ("ISO_18181", "JPEG XL"),
)


def read_lossy(header: Header, transfer_syntax: str) -> Lossy | None:
    """Return the last lossy compression that the pixels went through, None when there was none."""
    flag = header.code("LossyImageCompression")
    syntax = ALWAYS_LOSSY.get(transfer_syntax, "")
    if not syntax and flag != "00":
        syntax = MAYBE_LOSSY.get(transfer_syntax, "")
    if flag != "01" and not syntax:
        return None
    ratios = [
        ratio for ratio in header.numbers("LossyImageCompressionRatio") if ratio is not None and ratio > 0
    ]
    return Lossy(ratios[-1] if ratios else None, _method(header) or syntax)


def _method(header: Header) -> str:
    methods = header.texts("LossyImageCompressionMethod")
    if not methods:
        return ""
    known = (name for stem, name in METHODS if methods[-1].startswith(stem))
    return next(known, methods[-1])
