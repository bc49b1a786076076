"""What is dropped on the window: files, and series of the rail."""

import os
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QMimeData, QUrl

SERIES_MIME = "application/x-negatoscope-series"  # the key of a stack (`viewing.shelf`) while it is dragged


def local_paths(data: QMimeData) -> list[str]:
    """Return the paths of dropped files; names that are not UTF-8 keep their bytes, surrogate-escaped."""
    urls = [url for url in data.urls() if url.isLocalFile()]
    if os.name == "nt":
        return [url.toLocalFile() for url in urls]
    encoded = (url.path(QUrl.ComponentFormattingOption.FullyEncoded) for url in urls)
    return [os.fsdecode(unquote_to_bytes(path)) for path in encoded]
