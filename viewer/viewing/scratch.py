"""A private folder for what is unpacked from archives: images of patients, so nothing of it may stay."""

import os
import shutil
import tempfile
from pathlib import Path

from viewer.errors import ViewerError
from viewer.paths import cache_folder

FOLDER = "unpacked"


def own_scratch() -> Path:
    """Return a new folder that only this user can read; those of programs that were killed are removed.

    Raises ViewerError when it cannot be made.
    """
    parent = cache_folder() / FOLDER
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in parent.iterdir():
            if not _is_running(left.name.partition("-")[0]):
                shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=parent))
    except OSError as error:
        raise ViewerError(f"The folder {parent} cannot be written: {error.strerror}.") from None


def _is_running(process: str) -> bool:
    """Tell whether a process with this number lives."""
    if not process.isdigit():
        return False
    if os.name == "nt":  # there a signal 0 would end the process
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
