"""The explicit tool for choosing (IHE BIR): a click makes a viewport or a measurement the active one."""

from viewer.tools.tool import Drag, Pointer
from viewer.viewing.viewport import ViewportState


def select(_state: ViewportState, _press: Pointer) -> Drag:
    """Change nothing: that a press selects what is under it holds for every tool."""
    yield from ()
    return None
