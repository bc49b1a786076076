"""What hangs in boxes is carried from one layout of the desk to another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from viewer.viewing.layout import Layout, Name
from viewer.viewing.pane import Pane


def by_name(layout: Layout, panes: Sequence[Pane]) -> dict[Name, list[Pane]]:
    """Return the panes of each box by the name of the box."""
    return {
        name: [panes[number] for number in box] for name, box in zip(layout.names, layout.boxes, strict=True)
    }


def without(layout: Layout, panes: Sequence[Pane], window: int) -> dict[Name, list[Pane]]:
    """Return the panes of each box by the name that it has once a further window is gone."""
    return {
        (name[0] - (name[0] > window), name[1]): found
        for name, found in by_name(layout, panes).items()
        if name[0] != window
    }


def carried(layout: Layout, before: Mapping[Name, list[Pane]]) -> tuple[list[Pane], list[range]]:
    """Return the panes of a layout with what hung in its boxes, and the boxes that are cut otherwise now.

    Of those, only the first pane has what hung there; what was nowhere before is empty.
    """
    panes: list[Pane] = []
    cut: list[range] = []
    for name, box in zip(layout.names, layout.boxes, strict=True):
        old = before.get(name, [Pane()])
        if len(old) == len(box):
            panes += old
            continue
        panes += [Pane(state=old[0].state) for _ in box]
        if old[0].hung is not None:
            panes[box.start] = replace(old[0], picture=None)
        if name in before:
            cut.append(box)
    return panes, cut
