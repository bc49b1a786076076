"""The demonstration: a generated head of known geometry first, then real images of many kinds."""

from collections.abc import Callable

from viewer.demo.bundled import bundled
from viewer.demo.phantom import EDITION, FULL, Layout, write_phantom
from viewer.paths import cache_folder


def prepare(
    report: Callable[[int, int], None], cancelled: Callable[[], bool], layout: Layout = FULL
) -> list[str]:
    """Return the folders and files to open, having made what is generated. Without a network.

    The phantom is made once, into the cache, which takes some seconds; `report` is told how many slices
    of how many are done. Empty when `cancelled` said so. Raises ViewerError when it cannot be written.
    """
    folder = cache_folder() / f"demo-{EDITION}" / "head"
    phantom = write_phantom(folder, layout, report, cancelled)
    if phantom is None:
        return []
    return [str(phantom), *(str(path) for path in bundled())]
