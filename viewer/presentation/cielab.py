"""Colours of the screen as CIELab values of the standard (PS3.3 C.10.7.1.1)."""

# Linear sRGB to XYZ of the ICC profile connection space: IEC 61966-2-1, adapted to D50 by Bradford.
TO_XYZ = (
    (0.4360747, 0.3850649, 0.1430804),
    (0.2225045, 0.7168786, 0.0606169),
    (0.0139322, 0.0971045, 0.7141733),
)
WHITE_D50 = (0.9642, 1.0, 0.8249)
SRGB_KNEE = 0.04045  # below it sRGB is a straight line (IEC 61966-2-1)
LAB_KNEE = (6 / 29) ** 3  # below it the cube root is replaced by a straight line (CIE 15)
LARGEST = 65535  # of L: 100; a and b: -128 to 127 over the same range


def cielab(color: str) -> tuple[int, int, int]:
    """Return L, a, b of "#rrggbb", each 0..65535."""
    linear = [_linear(int(color[start : start + 2], 16) / 255) for start in (1, 3, 5)]
    scaled = [
        sum(weight * value for weight, value in zip(row, linear, strict=True)) / white
        for row, white in zip(TO_XYZ, WHITE_D50, strict=True)
    ]
    x, y, z = (_root(value) for value in scaled)
    lightness, a, b = 116 * y - 16, 500 * (x - y), 200 * (y - z)
    numbers = lightness / 100 * LARGEST, (a + 128) / 255 * LARGEST, (b + 128) / 255 * LARGEST
    first, second, third = (min(max(round(number), 0), LARGEST) for number in numbers)
    return first, second, third


def _linear(value: float) -> float:
    return value / 12.92 if value <= SRGB_KNEE else float(((value + 0.055) / 1.055) ** 2.4)


def _root(value: float) -> float:
    return float(value ** (1 / 3)) if value > LAB_KNEE else value / (3 * (6 / 29) ** 2) + 4 / 29
