"""Enhanced multi-frame images seen as single frames (PS3.3 C.7.6.16)."""

from dataclasses import dataclass

from viewer.dicom.header import Header


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """The header of one frame: its own functional groups, those shared by all, and the top level."""

    top: Header
    number: int = 1  # of the frame, from 1
    own: Header | None = None
    shared: Header | None = None

    def macro(self, sequence: str) -> Header | None:
        """Return the item of a functional group macro: the frame's own, else the shared one, else None."""
        for group in (self.own, self.shared):
            item = group.item(sequence) if group is not None else None
            if item is not None:
                return item
        return None

    def holder(self, sequence: str, keyword: str) -> Header:
        """Return where `keyword` stands: in the macro `sequence` if it has it, else at the top level."""
        item = self.macro(sequence)
        return item if item is not None and keyword in item else self.top


def frame_header(top: Header, number: int) -> FrameHeader:
    """Return the header of frame `number`, counted from 1."""
    own = top.item("PerFrameFunctionalGroupsSequence", number - 1)
    if own is None and "PerFrameFunctionalGroupsSequence" in top:
        top.notices.add(f"The header describes no frame {number}")
    return FrameHeader(top, number, own, top.item("SharedFunctionalGroupsSequence"))
