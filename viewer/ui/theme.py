"""The colours, sizes and style of every widget: a dark room with one bright thing in it, the picture."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from viewer.errors import ViewerError
from viewer.ui import fonts


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours, "#rrggbb" each; four steps of one grey, one accent, two alarms."""

    window: str
    panel: str
    raised: str
    hover: str
    border: str
    text: str
    secondary: str
    disabled: str
    accent: str
    selection: str  # behind selected text: the accent, made quiet
    amber: str  # attention
    red: str  # danger
    is_dark: bool = True


DARK = Colours(
    window="#101114", panel="#17191d", raised="#1f2227", hover="#2a2e35", border="#2a2e35",
    text="#e6e8eb", secondary="#9aa1ab", disabled="#5b616b",
    accent="#5bb8d4", selection="#1a3842", amber="#e0b050", red="#e06c60",
)  # fmt: skip
LIGHT = Colours(
    window="#eceef1", panel="#f6f7f8", raised="#ffffff", hover="#dde1e6", border="#c3c8cf",
    text="#15171a", secondary="#454b53", disabled="#8b919a",
    accent="#0b6580", selection="#c6e2eb", amber="#6b4800", red="#9a2015", is_dark=False,
)  # fmt: skip
CONTRAST = Colours(
    window="#000000", panel="#000000", raised="#0c0c0c", hover="#303030", border="#a8a8a8",
    text="#ffffff", secondary="#e0e0e0", disabled="#a0a0a0",
    accent="#6fd8ff", selection="#00435a", amber="#ffd166", red="#ff9a8f",
)  # fmt: skip
PALETTES = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST}

WINDOW, PANEL, RAISED, BORDER = DARK.window, DARK.panel, DARK.raised, DARK.border
TEXT, SECONDARY, DISABLED = DARK.text, DARK.secondary, DARK.disabled
ACCENT, AMBER, RED = DARK.accent, DARK.amber, DARK.red

# On the picture nothing follows the palette: the ground is always black.
IMAGE_GROUND = "#000000"
CORNER_TEXT = "#f0f1f3"
OUTLINE = "#000000"
ANNOTATION = "#c3e04a"
ANNOTATION_SELECTED = "#eaff9a"
PATIENT_HUES = (
    "#7f9fc4", "#c09a72", "#8db08a", "#b58bb0", "#b8b070", "#77b0ac", "#c48a8a", "#9a93c9",
)  # fmt: skip

GRID = 4  # every distance is a multiple of it
GAP = 8  # between groups
ROW = 28  # height of a row of text or of a control
ICON = 20  # an icon, in a
TARGET = 32  # target for the mouse
RADIUS = 4

SRGB_KNEE = 0.04045  # below it sRGB is a straight line (IEC 61966-2-1)


def apply(app: QApplication, palette: str = "dark") -> None:
    """Give the whole program its look; `palette` is a name in PALETTES.

    The colour scheme hint alone changes nothing on several platforms, but it darkens native title bars.
    Raises ViewerError for a name that does not exist.
    """
    if palette not in PALETTES:
        raise ViewerError(f"There is no palette {palette}; there are {', '.join(PALETTES)}.")
    colours = PALETTES[palette]
    app.setStyle("Fusion")
    scheme = Qt.ColorScheme.Dark if colours.is_dark else Qt.ColorScheme.Light
    app.styleHints().setColorScheme(scheme)
    app.setPalette(qt_palette(colours))
    app.setFont(fonts.sans())
    app.setStyleSheet(style_sheet(colours))


def colours_of(palette: QPalette) -> Colours:
    """Return the colours that `palette` was made from, so that a widget paints what the program shows."""
    window = palette.color(QPalette.ColorRole.Window).name()
    return next((colours for colours in PALETTES.values() if colours.window == window), DARK)


def qt_palette(colours: Colours) -> QPalette:
    """Return the colours in Qt's roles."""
    role = QPalette.ColorRole
    rows = (
        (role.Window, colours.window), (role.WindowText, colours.text),
        (role.Base, colours.panel), (role.AlternateBase, colours.raised), (role.Text, colours.text),
        (role.Button, colours.raised), (role.ButtonText, colours.text), (role.BrightText, colours.red),
        (role.ToolTipBase, colours.raised), (role.ToolTipText, colours.text),
        (role.PlaceholderText, colours.secondary),
        (role.Highlight, colours.selection), (role.HighlightedText, colours.text),
        (role.Accent, colours.accent), (role.Link, colours.accent), (role.LinkVisited, colours.accent),
        (role.Light, colours.hover), (role.Midlight, colours.hover), (role.Mid, colours.border),
        (role.Dark, colours.window), (role.Shadow, "#000000"),
    )  # fmt: skip
    palette = QPalette()
    for which, colour in rows:
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.disabled))
    return palette


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two "#rrggbb" colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= SRGB_KNEE else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def style_sheet(colours: Colours) -> str:
    """Return the few rules that a palette cannot say; a checked button is underlined, not only coloured."""
    c = colours
    return f"""
QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.border}; padding: 4px 6px; }}
QToolButton {{ background: transparent; border: 1px solid transparent;
    border-radius: {RADIUS}px; padding: 4px; }}
QToolButton:hover {{ background: {c.hover}; }}
QToolButton:pressed {{ background: {c.selection}; }}
QToolButton:checked {{ background: {c.selection}; border-bottom: 2px solid {c.accent}; }}
QToolButton:focus {{ border: 1px solid {c.accent}; }}
QToolButton::menu-indicator {{ image: none; }}
QPushButton {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.border};
    border-radius: {RADIUS}px; padding: 4px 12px; min-height: 18px; }}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:focus, QPushButton:default {{ border-color: {c.accent}; }}
QPushButton:disabled {{ color: {c.disabled}; }}
QLineEdit {{ background: {c.panel}; color: {c.text}; border: 1px solid {c.border};
    border-radius: {RADIUS}px; padding: 4px 8px; selection-background-color: {c.selection}; }}
QLineEdit:focus {{ border-color: {c.accent}; }}
QMenu {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.border}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 8px; border-radius: {RADIUS}px; }}
QMenu::item:selected {{ background: {c.hover}; }}
QMenu::item:disabled {{ color: {c.disabled}; }}
QMenu::separator {{ height: 1px; background: {c.border}; margin: 4px 8px; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {c.border}; border-radius: 3px; margin: 2px;
    min-width: 24px; min-height: 24px; }}
QScrollBar::handle:hover {{ background: {c.disabled}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; background: {c.border}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {c.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 12px; height: 12px; margin: -4px 0; border-radius: 6px;
    background: {c.text}; }}
QSlider::handle:horizontal:focus {{ background: {c.accent}; }}
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled {{ background: {c.disabled}; }}
QCheckBox::indicator:unchecked {{ background: {c.panel}; border: 1px solid {c.secondary};
    border-radius: 2px; }}
QListWidget::item {{ padding: 0 8px; }}
QListWidget::item:hover {{ background: {c.hover}; }}
QListWidget::item:selected {{ background: {c.selection}; color: {c.text}; }}
QSplitter::handle {{ background: {c.window}; }}
QSplitter::handle:hover {{ background: {c.hover}; }}
"""
