"""Where things are on each operating system."""

import os
from pathlib import Path

import platformdirs

from viewer.errors import ViewerError

NAME = "Negatoscope"


def resource(name: str) -> Path:
    """Return the path of a file of `resources/`, whether installed or in a checkout.

    Raises ViewerError when there is none.
    """
    package = Path(__file__).parent
    for folder in (package / "_resources", package.parent / "resources"):
        if (folder / name).exists():
            return folder / name
    raise ViewerError(
        f"The installation is incomplete: the file {name} is missing. Install the program again."
    )


def data_folder() -> Path:
    """Return the folder of what the reader makes (presentation states); it may not exist yet."""
    return Path(platformdirs.user_data_dir(NAME, appauthor=False))


def cache_folder() -> Path:
    """Return the folder of what can be made again (demonstration studies); it may not exist yet."""
    return Path(platformdirs.user_cache_dir(NAME, appauthor=False))


def study_cache_folder() -> Path:
    """Return the folder of the study cache; it may not exist yet.

    It is among the data and not among what may be swept away, because annotations and whatever came from
    a CD may exist nowhere else. The environment variable VIEWER_CACHE names another one.
    """
    chosen = os.environ.get("VIEWER_CACHE")
    return Path(chosen) if chosen else data_folder() / "studies"


def settings_file() -> Path:
    """Return the file of the settings; it may not exist yet. VIEWER_SETTINGS names another one."""
    chosen = os.environ.get("VIEWER_SETTINGS")
    return (
        Path(chosen)
        if chosen
        else Path(platformdirs.user_config_dir(NAME, appauthor=False)) / "settings.toml"
    )


def log_folder() -> Path:
    """Return the folder of the log; it may not exist yet."""
    return Path(platformdirs.user_log_dir(NAME, appauthor=False))
