"""The formulas of PS3.3 C.11 for one value, in exact fractions where they are rational."""

import math
from fractions import Fraction


def stored_values(dtype):
    """Return every value of an integer type in the order of its bit patterns."""
    bits, signed = 8 * int(dtype[1:]), dtype[0] == "i"
    return [code - 2**bits if signed and code >= 2 ** (bits - 1) else code for code in range(2**bits)]


def table_output(entries, first, value):
    """C.11.1.1.1: below the range the first entry, above it the last."""
    if value < first:
        return entries[0]
    if value >= first + len(entries):
        return entries[-1]
    return entries[value - first]


def window(function, center, width, x):
    """Return y between 0 and 1 (C.11.2.1.2.1, C.11.2.1.3.1, C.11.2.1.3.2), a Fraction but for SIGMOID."""
    x, c, w = Fraction(x), Fraction(center), Fraction(width)
    if function == "SIGMOID":
        return 1 / (1 + math.exp(min(-4 * float((x - c) / w), 700)))
    if function == "LINEAR_EXACT":
        return ramp(x, c - w / 2, c + w / 2, lambda: (x - c) / w + Fraction(1, 2))
    half = Fraction(1, 2)
    left, right = c - half - (w - 1) / 2, c - half + (w - 1) / 2
    return ramp(x, left, right, lambda: (x - (c - half)) / (w - 1) + half)


def ramp(x, left, right, between):
    """Return "if (x <= left) 0, else if (x > right) 1, else ..." as it is printed."""
    if x <= left:
        return Fraction(0)
    return Fraction(1) if x > right else between()


def rounded(y, bits=8):
    """Return the display value of a P-value."""
    return math.floor((2**bits - 1) * y + Fraction(1, 2))


def floored(y, bits=8):
    return math.floor((2**bits - 1) * y)
