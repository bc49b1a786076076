"""How a header wants its grays: polarity, padding, the first VOI (PS3.3 C.11.6, C.7.5.1.1.2, C.8.11)."""

from dataclasses import dataclass

from viewer.dicom.header import Header, label
from viewer.dicom.header_notices import is_for_processing
from viewer.dicom.image import Padding
from viewer.dicom.image_class import is_measured, is_projection
from viewer.dicom.lut_reader import StoredRange, read_table, words
from viewer.dicom.luts import LookupTable, Modality, Rescale, Voi

SCREEN_BITS = 8  # values of so few bits were made for a screen
PRESENTATION_MODALITIES = {"MG", "DX", "CR"}


@dataclass(frozen=True, slots=True)
class Polarity:
    """Whether high values are dark, and the attribute that decided."""

    inverted: bool
    source: str


def read_polarity(header: Header, photometric: str) -> Polarity:
    """Return the polarity: Presentation LUT Shape decides where it stands, else the photometric one.

    Both say the same thing twice in a correct header; there is never more than one inversion.
    """
    shape = header.code("PresentationLUTShape")
    monochrome1 = photometric == "MONOCHROME1"
    if photometric.startswith("MONOCHROME") and shape in {"IDENTITY", "INVERSE"}:
        inverted = shape == "INVERSE"
        if inverted != monochrome1:
            header.notices.add(f"Presentation LUT Shape {shape} contradicts {photometric}")
        return Polarity(inverted, f"{label('PresentationLUTShape')} {shape}")
    return Polarity(monochrome1, f"{label('PhotometricInterpretation')} {photometric}")


def read_presentation_table(header: Header) -> LookupTable | None:
    """Return the table from VOI output to P-values (PS3.3 C.11.4), None where the shape says it all.

    Its input is the whole output of the VOI LUT, whatever the first mapped value says.
    """
    item = header.item("PresentationLUTSequence")
    if item is None:
        return None
    return read_table(item, signed=False, source=label("PresentationLUTSequence"))


def read_padding(header: Header, stored: StoredRange) -> Padding | None:
    """Return the stored values that are no tissue; their sign is that of the pixels, whatever the VR.

    A range that holds every stored value would leave nothing to see: it is an error of its writer.
    """
    for kind in ("Float", "DoubleFloat"):  # PS3.3 C.7.6.24: beside Float or Double Float Pixel Data
        number = header.number(f"{kind}PixelPaddingValue")
        if number is not None:
            end = header.number(f"{kind}PixelPaddingRangeLimit")
            end = number if end is None else end
            return Padding(min(number, end), max(number, end))
    value = _word(header, "PixelPaddingValue", signed=stored.signed)
    if value is None:
        return None
    limit = _word(header, "PixelPaddingRangeLimit", signed=stored.signed)
    ends = (value, value if limit is None else limit)
    if min(ends) <= stored.first and stored.last <= max(ends):
        header.notices.add(f"{label('PixelPaddingRangeLimit')} makes every value padding: ignored")
        return None
    return Padding(min(ends), max(ends))


def default_voi(header: Header, vois: tuple[Voi, ...]) -> int:
    """Return the index of the VOI that is shown first.

    A processed radiograph's own table is what its maker wants to be seen; elsewhere the first window.
    """
    table = next((index for index, voi in enumerate(vois) if isinstance(voi, LookupTable)), 0)
    radiograph = header.code("Modality") in PRESENTATION_MODALITIES
    stated = header.code("PresentationIntentType") == "FOR PRESENTATION"
    return table if radiograph and stated else 0


def is_identity_voi(header: Header, modality: Modality, stored: StoredRange) -> bool:
    """Tell whether an image without a VOI holds values for the screen: P-values, 8 bits, or a mask."""
    if stored.bits == 1:
        return True
    if is_for_processing(header) or is_measured(header) or not _is_identity(modality):
        return False
    if header.code("Modality") == "SEG":
        return header.code("SegmentationType") == "FRACTIONAL"
    p_values = is_projection(header) and bool(header.code("PresentationLUTShape"))
    return p_values or (stored.bits <= SCREEN_BITS and not stored.signed)


def _is_identity(modality: Modality) -> bool:
    """Tell whether values stay what they are: DX and MG state a slope of 1 and an intercept of 0."""
    return isinstance(modality, Rescale) and (modality.slope, modality.intercept) == (1.0, 0.0)


def _word(header: Header, keyword: str, *, signed: bool) -> int | None:
    """Return a 16-bit value of VR US or SS with the sign of the pixels."""
    found = words(header, keyword)
    if not len(found):
        return None
    word = int(found[0])
    return word - 0x10000 if signed and word >= 0x8000 else word  # noqa: PLR2004  the sign bit
