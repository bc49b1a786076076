"""Windows that a reader chooses by name or number key: those of the program, and the reader's own.

The program's are in `resources/presets.toml`, a reader's own in `presets.toml` beside the settings, in the
same form. An own one takes the place of the one of the same modality and name, and may take its key.
"""

import math
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from viewer.dicom.luts import Window, WindowFunction
from viewer.errors import ViewerError

KEYS = tuple("123456789")  # 0 is for the image's own window
OWN_FILE = "presets.toml"  # of the reader, beside the settings
MOST_BYTES = 1 << 20  # of such a file; an honest one has a few thousand
FIELDS: dict[str, type | tuple[type, ...]] = {
    "modality": str,
    "name": str,
    "center": (int, float),
    "width": (int, float),
    "key": str,
}
OPTIONAL = {"key"}


@dataclass(frozen=True, slots=True)
class Preset:
    """A window with a name, for the images of one modality."""

    modality: str
    name: str
    window: Window
    key: str = ""  # "1" to "9", "" for none


def load(path: Path) -> tuple[Preset, ...]:
    """Return the presets of a file in its order. Raise ViewerError naming the file and the entry."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ViewerError(f"{path.name} is no file of presets: it has more than {MOST_BYTES >> 20} MiB.")
        tables = tomllib.loads(text.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ViewerError(f"{path.name} cannot be read: {error}.") from None
    for key in tables.keys() - {"preset"}:
        raise ViewerError(f"{path.name} has an unknown key {key}; it knows only [[preset]].")
    entries = tables.get("preset", [])
    if not isinstance(entries, list):
        raise ViewerError(f"{path.name}: preset must be a list of tables, [[preset]].")
    presets = tuple(_preset(path.name, number, entry) for number, entry in enumerate(entries, start=1))
    _check_unique(path.name, presets)
    return presets


def load_own(settings_file: Path) -> tuple[Preset, ...]:
    """Return the presets beside a file of settings, none where there is no such file. Raise ViewerError."""
    path = settings_file.parent / OWN_FILE
    return load(path) if path.exists() else ()


def joined(presets: tuple[Preset, ...], own: tuple[Preset, ...]) -> tuple[Preset, ...]:
    """Return the program's presets with a reader's own: in the place of a namesake, or at the end."""
    mine = {(preset.modality, preset.name): preset for preset in own}
    keys = {(preset.modality, preset.key) for preset in own}
    found = []
    for preset in presets:
        free = (preset.modality, preset.key) not in keys  # its key may have been taken over
        kept = preset if free else replace(preset, key="")
        found.append(mine.pop((preset.modality, preset.name), kept))
    return (*found, *mine.values())


def for_modality(presets: tuple[Preset, ...], modality: str) -> tuple[Preset, ...]:
    """Return the presets of one modality, in order."""
    return tuple(preset for preset in presets if preset.modality == modality)


def _preset(file: str, number: int, entry: Any) -> Preset:  # noqa: ANN401  TOML gives anything
    where = f"{file}, preset {number}"
    if not isinstance(entry, dict):
        raise ViewerError(f"{where}: it must be a table.")
    for key in entry.keys() - FIELDS.keys():
        raise ViewerError(f"{where}: unknown key {key}; known are {', '.join(FIELDS)}.")
    for key, kind in FIELDS.items():
        if key not in entry and key not in OPTIONAL:
            raise ViewerError(f"{where}: {key} is missing.")
        if key in entry and (isinstance(entry[key], bool) or not isinstance(entry[key], kind)):
            raise ViewerError(f"{where}: {key} has the wrong type.")
    center, width, key, name = entry["center"], entry["width"], entry.get("key", ""), entry["name"]
    if not (math.isfinite(center) and math.isfinite(width) and width > 0):
        raise ViewerError(f"{where}: center must be a number and width a number above 0.")
    if key and key not in KEYS:
        raise ViewerError(f"{where}: key must be one of {', '.join(KEYS)}.")
    function = WindowFunction.LINEAR if width >= 1 else WindowFunction.LINEAR_EXACT  # PS3.3 C.11.2.1.2
    window = Window(float(center), float(width), function, name, f"preset {name}")
    return Preset(entry["modality"], name, window, key)


def _check_unique(file: str, presets: tuple[Preset, ...]) -> None:
    seen: set[tuple[str, str]] = set()
    for preset in presets:
        taken = {(preset.modality, preset.name)} | ({(preset.modality, preset.key)} if preset.key else set())
        for modality, word in sorted(taken & seen):
            raise ViewerError(f"{file}: {modality} has two presets with the name or key {word}.")
        seen |= taken
