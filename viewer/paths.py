"""Where things are on each operating system."""

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


def log_folder() -> Path:
    """Return the folder of the log; it may not exist yet."""
    return Path(platformdirs.user_log_dir(NAME, appauthor=False))
