"""SETTINGS: one row for each thing that can be set, by its place in the tree of `viewer.settings`."""

from dataclasses import dataclass, replace
from typing import Any

from viewer.settings import Settings
from viewer.tools.mouse import Wheel, tool_names
from viewer.tools.table import tool_row
from viewer.viewing.appearance import Palette
from viewer.viewing.corner_text import Detail

GENERAL, MOUSE, STUDIES = "General", "Mouse", "Studies on this computer"
GB = 1e9


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One thing that can be set: true or false, a choice, or a number."""

    path: str  # names of fields, "appearance.palette"
    page: str
    title: str
    tip: str  # one clause: what it is for
    choices: tuple[tuple[Any, str], ...] = ()  # values and what a person reads
    low: float = 0.0  # of a number, in `unit`
    high: float = 0.0
    unit: str = ""
    scale: float = 1.0  # what one `unit` is in the file
    digits: int = 0


def _tools() -> tuple[tuple[Any, str], ...]:
    return tuple((name, tool_row(name).title) for name in tool_names())


SETTINGS: tuple[SettingRow, ...] = (
    SettingRow(
        "appearance.palette",
        GENERAL,
        "Colours",
        "of everything around the pictures, whose ground is always black",
        ((Palette.DARK, "Dark"), (Palette.LIGHT, "Light"), (Palette.CONTRAST, "High contrast")),
    ),
    SettingRow(
        "appearance.corner_text",
        GENERAL,
        "Text on the pictures",
        "when a window opens; I changes it while reading",
        ((Detail.FULL, "Full"), (Detail.MINIMAL, "Minimal"), (Detail.OFF, "Off")),
    ),
    SettingRow(
        "mouse.left", MOUSE, "Left button at first", "the tool that is active when a window opens", _tools()
    ),
    SettingRow("mouse.middle", MOUSE, "Middle button", "whatever the left one does", _tools()),
    SettingRow("mouse.right", MOUSE, "Right button", "whatever the left one does", _tools()),
    SettingRow(
        "mouse.wheel",
        MOUSE,
        "Wheel",
        "with Ctrl it does the other",
        ((Wheel.SCROLL, "Goes through the images"), (Wheel.ZOOM, "Enlarges and reduces")),
    ),
    SettingRow(
        "remember_opened",
        STUDIES,
        "Remember what is opened",
        "it is found in the list of studies again; nobody else is told",
    ),
    SettingRow(
        "ask_unseen",
        STUDIES,
        "Ask about images that were not seen",
        "once, when a study is closed of which some were looked at",
    ),
    SettingRow(
        "cache.max_bytes",
        STUDIES,
        "Most room for studies",
        "what was opened least recently goes first, and never what exists nowhere else",
        low=0.1,
        high=1_000_000,
        unit="GB",
        scale=GB,
        digits=1,
    ),
    SettingRow(
        "cache.floor_free_bytes",
        STUDIES,
        "Always left free on the disk",
        "whoever takes the rest",
        low=0,
        high=1_000_000,
        unit="GB",
        scale=GB,
        digits=1,
    ),
    SettingRow(
        "cache.youngest_minutes",
        STUDIES,
        "Never removed before",
        "minutes after a study came: it is about to be read",
        low=0,
        high=100_000,
        unit="min",
    ),
)
OWN_PAGES = frozenset({"peers", "listener", "keys", "windows", "monitors"})  # set elsewhere
OPTIONAL = "cache"  # None where the program decides by the size of the disk


def value_at(settings: Settings, path: str) -> Any:  # noqa: ANN401  of any field
    """Return the value of a field, None where it stands in a part that is not set."""
    value: Any = settings
    for name in path.split("."):
        value = None if value is None else getattr(value, name)
    return value


def with_value(settings: Any, path: str, value: Any) -> Any:  # noqa: ANN401  a dataclass and any of its fields
    """Return settings with the value of one field changed."""
    name, _, rest = path.partition(".")
    return replace(settings, **{name: with_value(getattr(settings, name), rest, value) if rest else value})
