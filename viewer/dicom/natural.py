"""The order in which a person numbers files: IM2 before IM10."""

import re

_DIGITS = re.compile(rb"(\d+)")


def natural_key(name: bytes) -> tuple[tuple[bytes | int, ...], bytes]:
    """Return a key that sorts names by their words and numbers, without regard to case."""
    parts = _DIGITS.split(name.lower())  # words at even places, numbers at odd ones
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), name
