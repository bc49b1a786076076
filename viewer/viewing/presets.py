"""Windows that a reader chooses by name or number key, from `resources/presets.toml`."""

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.dicom.luts import Window
from viewer.errors import ViewerError

KEYS = tuple("123456789")  # 0 is for the image's own window
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
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ViewerError(f"{path.name} cannot be read: {error}.") from None
    for key in tables.keys() - {"preset"}:
        raise ViewerError(f"{path.name} has an unknown key {key}; it knows only [[preset]].")
    entries = tables.get("preset", [])
    if not isinstance(entries, list):
        raise ViewerError(f"{path.name}: preset must be a list of tables, [[preset]].")
    presets = tuple(_preset(path.name, number, entry) for number, entry in enumerate(entries, start=1))
    _check_unique(path.name, presets)
    return presets


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
    if not (math.isfinite(center) and math.isfinite(width) and width >= 1):
        raise ViewerError(f"{where}: center must be a number and width a number of at least 1.")
    if key and key not in KEYS:
        raise ViewerError(f"{where}: key must be one of {', '.join(KEYS)}.")
    window = Window(float(center), float(width), explanation=name, source=f"preset {name}")
    return Preset(entry["modality"], name, window, key)


def _check_unique(file: str, presets: tuple[Preset, ...]) -> None:
    seen: set[tuple[str, str]] = set()
    for preset in presets:
        taken = {(preset.modality, preset.name)} | ({(preset.modality, preset.key)} if preset.key else set())
        for modality, word in sorted(taken & seen):
            raise ViewerError(f"{file}: {modality} has two presets with the name or key {word}.")
        seen |= taken
