"""Which presentation contexts are proposed: a SOP class, and how its instances may be encoded (PS3.8).

One context for each transfer syntax, compressed ones first: with several in one context a peer picks, and
decompresses what it holds compressed; and some servers send everything through the first context of a class.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from viewer.dicom.uids import EXPLICIT_LITTLE, IMPLICIT_LITTLE, sop_class

MOST_CONTEXTS = 128  # odd numbers of one byte (PS3.8 9.3.2.2)
VERIFICATION = "1.2.840.10008.1.1"
STORAGE_COMMITMENT = "1.2.840.10008.1.20.1"
_QUERY_RETRIEVE = "1.2.840.10008.5.1.4.1.2"
FIND = {True: f"{_QUERY_RETRIEVE}.1.1", False: f"{_QUERY_RETRIEVE}.2.1"}  # by `patient_root`
MOVE = {True: f"{_QUERY_RETRIEVE}.1.2", False: f"{_QUERY_RETRIEVE}.2.2"}
GET = {True: f"{_QUERY_RETRIEVE}.1.3", False: f"{_QUERY_RETRIEVE}.2.3"}
NATIVE = (EXPLICIT_LITTLE, IMPLICIT_LITTLE)
# What the decoders read, in the order in which a peer with several forms of an image should choose.
COMPRESSED = (
    "1.2.840.10008.1.2.4.80",  # JPEG-LS lossless
    "1.2.840.10008.1.2.4.90",  # JPEG 2000 lossless
    "1.2.840.10008.1.2.4.201",  # HTJ2K lossless
    "1.2.840.10008.1.2.4.70",  # JPEG lossless
    "1.2.840.10008.1.2.4.50",  # JPEG baseline
    "1.2.840.10008.1.2.4.51",  # JPEG extended
    "1.2.840.10008.1.2.5",  # RLE
    "1.2.840.10008.1.2.4.91",  # JPEG 2000
    "1.2.840.10008.1.2.4.81",  # JPEG-LS near-lossless
    "1.2.840.10008.1.2.4.57",  # JPEG lossless of any predictor
    "1.2.840.10008.1.2.4.203",  # HTJ2K
    "1.2.840.10008.1.2.4.202",  # HTJ2K lossless, RPCL
    "1.2.840.10008.1.2.1.99",  # deflated
)
_VIDEO = tuple(
    f"1.2.840.10008.1.2.4.{number}"
    for number in ("102", "103", "104", "100", "101", "105", "106", "107", "108")
)
# When nobody knows what a study holds: what most studies hold.
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_USUAL = ("2", "4", "1", "1.1", "6.1", "3.1", "7", "12.1", "12.2", "20", "128", "1.2", "2.1", "4.1", "13.1.3")
_USUAL_DOCUMENTS = ("88.59", "11.1", "88.11", "88.22", "88.33", "88.67", "104.1")
USUAL_SOP_CLASSES = tuple(_STORAGE + suffix for suffix in (*_USUAL, *_USUAL_DOCUMENTS))
_LIKE_VIDEO = ("77.1.1.1", "77.1.2.1", "77.1.4.1", "3.1", "7.4")


@dataclass(frozen=True, slots=True)
class Context:
    """One presentation context: proposed with all its transfer syntaxes, accepted with one."""

    number: int  # odd
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


def numbered(proposals: Iterable[tuple[str, Sequence[str]]]) -> tuple[Context, ...]:
    """Return contexts of abstract syntaxes and their transfer syntaxes. Raises ValueError beyond 128."""
    found = tuple(
        Context(2 * place + 1, abstract, tuple(syntaxes))
        for place, (abstract, syntaxes) in enumerate(proposals)
    )
    if len(found) > MOST_CONTEXTS:
        raise ValueError(f"{len(found)} presentation contexts; an association takes {MOST_CONTEXTS}")
    return found


def storage(
    sop_classes: Sequence[str], room: int, transfer_syntaxes: Sequence[str] = ()
) -> list[tuple[str, tuple[str, ...]]]:
    """Return what to propose for receiving instances of these SOP classes, in at most `room` contexts.

    Where they do not all fit, the rarer transfer syntaxes are left out: the peer then decompresses, or says
    that it cannot, and the caller asks again for fewer classes.
    """
    classes = list(dict.fromkeys(sop_classes or USUAL_SOP_CLASSES))[: room // len(NATIVE)]
    if transfer_syntaxes:
        found: list[tuple[str, tuple[str, ...]]] = [
            (uid, (syntax,)) for uid in classes for syntax in transfer_syntaxes
        ]
        return found[:room]
    compressed = {uid: _compressed(uid) for uid in classes}
    most = max((len(each) for each in compressed.values()), default=0)
    while sum(len(each[:most]) + len(NATIVE) for each in compressed.values()) > room:
        most -= 1
    return [(uid, (syntax,)) for uid in classes for syntax in (*compressed[uid][:most], *NATIVE)]


def _compressed(uid: str) -> tuple[str, ...]:
    known = sop_class(uid)
    if uid.removeprefix(_STORAGE) in _LIKE_VIDEO:
        return (*COMPRESSED, *_VIDEO)
    return COMPRESSED if known.has_pixels or known.name.startswith("unknown") else ()
