"""One family for the whole program: the system's sans, with named families behind it for other scripts.

Without the names the system may choose a bold or a serif face for Japanese, or boxes.
"""

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo

SMALL, BODY, STRONG, TITLE = 11, 12, 13, 16  # logical pixels: the only sizes there are

FALLBACKS = (
    "Segoe UI",  # Windows: Latin, Greek, Cyrillic, Arabic, Hebrew
    "Yu Gothic UI",  # Windows: Japanese
    "Microsoft YaHei UI",  # Windows: simplified Chinese
    "Microsoft JhengHei UI",  # Windows: traditional Chinese
    "Malgun Gothic",  # Windows: Korean
    "Leelawadee UI",  # Windows: Thai
    "Hiragino Sans",  # macOS: Japanese
    "PingFang SC",  # macOS: Chinese
    "Apple SD Gothic Neo",  # macOS: Korean
    "Geeza Pro",  # macOS: Arabic
    "Thonburi",  # macOS: Thai
    "Noto Sans",
    "DejaVu Sans",
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Noto Sans CJK SC",
    "Noto Sans CJK KR",
    "Droid Sans Fallback",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
    "Noto Sans Devanagari",
)


def families() -> list[str]:
    """Return the families in the order in which a glyph is looked for; needs a QGuiApplication."""
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    family = QFontInfo(system).family()  # an alias such as "Sans Serif" would bring its own fallbacks first
    known = set(QFontDatabase.families())
    return [family, *(name for name in FALLBACKS if name in known and name != family)]


def sans(size: int = BODY, *, strong: bool = False) -> QFont:
    """Return the program's font in logical pixels; figures are equally wide, so numbers do not dance."""
    font = QFont()
    font.setFamilies(families())
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def sized(font: QFont, size: int, *, strong: bool = False) -> QFont:
    """Return `font` in another size and weight; unlike `sans` it does not ask the system for its families."""
    other = QFont(font)
    other.setPixelSize(size)
    other.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return other
