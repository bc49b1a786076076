"""Presentation states: saving what is seen and drawn, and looking at images as a saved state has them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from viewer.annotations.shapes import Annotation
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Voi
from viewer.dicom.read import read_header
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.presentation.gsps_reader import read
from viewer.presentation.state import Content, DisplayedArea, PresentationState, Shown
from viewer.presentation.store import find_states, save_view
from viewer.ui.room import Room
from viewer.viewing.loader import Loader
from viewer.viewing.mpr import is_reformatted
from viewer.viewing.pane import Pane
from viewer.viewing.picture import Picture
from viewer.viewing.shelf import Shelf
from viewer.viewing.viewport import ViewportState

Say = Callable[[str], None]
NOTHING = "There is nothing to save here: open an image first."
DIFFERENCES = "Differences cannot be saved: show the frames themselves first (Shift+M)."
PLANES = "What is drawn on the three planes cannot be saved: a presentation state refers to stored images."
NONE = "There is no presentation state of this study."


class States:
    """Saves and applies presentation states of the study in the active viewport."""

    def __init__(
        self,
        room: Room,
        queue: JobQueue,
        loader: Loader,
        shelf: Callable[[], Shelf],
        say: Say,
        keep: Callable[[Sequence[Path]], object] = list,
    ) -> None:
        """`keep` is told of the files of new states, so that they are with their study in the cache too."""
        self._keep = keep
        self._room, self._queue, self._loader, self._shelf, self._say = room, queue, loader, shelf, say

    def save(self) -> None:
        """Save how the active image is seen, and everything drawn on stored images of its study."""
        pane, number = self._room.desk.pane, self._room.desk.active
        if pane.picture is None or pane.hung is None:
            self._say(NOTHING)
            return
        if pane.hung.subtracted:
            self._say(DIFFERENCES)
            return
        drawing = self._room.drawings.of(pane.hung.series.study.study_instance_uid)
        stored = [shape for shape in drawing.annotations if not self._on_plane(shape)]
        labels = self._room.looks.labels.all(stored)
        unread = [shape for shape in stored if shape.uid not in labels]
        if unread:
            self._say("Some measurements are on images that are not read yet: look at them once, then save.")
            return
        left_out = len(drawing.annotations) - len(stored)
        shown = self._shown(pane, number, stored)
        if not shown:
            self._say(PLANES)
            return

        def done(paths: Sequence[Path]) -> None:
            files = len(paths)
            self._room.drawings.saved(stored)
            self.announce()
            more = f"; {left_out} on the three planes cannot be saved" if left_out else ""
            several = "a presentation state" if files == 1 else f"{files} presentation states"
            drawn = "" if not stored else f"{len(stored)} measurement{'s'[: len(stored) > 1]} and "
            self._say(f"Saved {drawn}this view as {several}{more}.")
            self._keep(paths)

        self._queue.submit(
            lambda _: save_view(shown, stored, Content(), lambda uid: read_header(self._path(uid)), labels),
            priority=Priority.VISIBLE,
            done=done,
            failed=self._failed,
        )

    def apply(self) -> None:
        """Look at the study as its newest presentation state has it, with what is drawn there."""
        pane = self._room.desk.pane
        if pane.hung is None:
            self._say(NONE)
            return
        study = pane.hung.series.study.study_instance_uid
        opened = [record.path for record in self._shelf().states_about(study)]

        def work(job: Job) -> tuple[list[PresentationState], str]:
            found: dict[str, PresentationState] = {}  # one may be in the cache and in our own folder
            reason = ""
            for path in (*opened, *map(str, find_states(study))):
                if job.cancelled:
                    break
                try:
                    state = read(read_header(path))
                    found.setdefault(state.uid, state)
                except ViewerError as error:  # one that cannot be read does not hide the others
                    reason = str(error)
            newest = max(map(_moment, found.values()), default=0.0)
            return [state for state in found.values() if _moment(state) == newest], reason

        self._queue.submit(work, priority=Priority.VISIBLE, done=self._take, failed=self._failed)

    def announce(self) -> None:
        """Say on the pictures of the active study that there are presentation states of it."""
        hung = self._room.desk.pane.hung
        if hung is None:
            return
        study = hung.series.study.study_instance_uid
        opened = {record.sop_instance_uid for record in self._shelf().states_about(study)}
        self._queue.submit(
            lambda _: len(opened) + len(find_states(study, opened)),
            priority=Priority.NEXT,
            done=lambda count: self._announced(study, count),
            failed=self._failed,
        )

    def _announced(self, study: str, count: int) -> None:
        self._room.looks.available[study] = count
        for number in range(len(self._room.desk.panes)):
            self._room.hands.changed.emit(number)

    def _take(self, found: tuple[list[PresentationState], str]) -> None:
        """Apply the states of one moment: one save makes several where one state cannot hold it all."""
        states, reason = found
        pane = self._room.desk.pane
        if not states or pane.hung is None:
            self._say(reason or NONE)
            return
        study = pane.hung.series.study.study_instance_uid
        shapes = tuple(shape for state in states for shape in state.annotations)
        self._room.drawings.saved(shapes)
        self._room.drawings.add(study, shapes)
        for frame in {shape.frame for shape in shapes}:
            self._loader.request(frame, Priority.THUMBNAIL, self._described, lambda _: None)
        key = pane.key
        here = next((state for state in states if key is not None and state.applies_to(key)), states[0])
        self._room.looks.applied = tuple(states)
        self._room.desk.subtract(self._room.desk.active, on=False)  # a state is about stored values
        self._look(here)
        count = len(shapes)
        drawn = f"with {count} measurement{'s'[: count > 1]}" if count else "without measurements"
        notices = dict.fromkeys(notice for state in states for notice in state.notices)
        unknown = f"; not understood: {', '.join(notices)}" if notices else ""
        self._say(
            f"Presentation state {here.content.label} applied {drawn}{unknown}.{reason and ' '}{reason}"
        )

    def _look(self, state: PresentationState) -> None:
        """Show an image that the state is about, as it has it."""
        desk = self._room.desk
        pane = desk.pane
        keys = pane.hung.keys if pane.hung is not None and pane.hung.reformat is None else ()
        if pane.key is None or not state.applies_to(pane.key):
            about = next((index for index, key in enumerate(keys) if state.applies_to(key)), None)
            if about is not None:
                desk.go_to(desk.active, about)
        if desk.pane.loading and desk.pane.key is not None:  # its own polarity is not known yet
            self._loader.request(desk.pane.key, Priority.VISIBLE, lambda _: self._look(state), self._say)
            return
        image, key = desk.pane.state.image, desk.pane.key
        if image is None or key is None or state.graphics_only or not state.applies_to(key):
            return
        voi, inverted = state.voi(key), state.inverted != image.inverted
        area = state.area(key) or DisplayedArea.whole(image)
        desk.view(
            desk.active,
            lambda now: _onto(
                area,
                replace(now, voi=voi, inverted=inverted, rotation=state.rotation, flipped=state.flipped),
            ),
        )

    def _described(self, picture: Picture) -> None:
        self._room.drawings.describe(picture.header)
        for shape in self._room.drawings.on(picture.description.key):
            self._room.looks.labels.of(shape, picture)
        self._room.drawings.tell_again(picture.description.key)

    def _shown(self, pane: Pane, number: int, stored: list[Annotation]) -> list[Shown]:
        """Return the frames to save, as they are seen: the one shown and those that are drawn on."""
        state, image = pane.state, pane.state.image
        found: dict[FrameKey, Shown] = {}
        if image is not None and not is_reformatted(image):
            voi = self._room.looks.voi(number)
            image = self._room.drawings.calibrated(image)
            area = _seen(state, image) if state.zoom is not None else None
            found[image.key] = Shown(image, voi, state.inverted, state.rotation, state.flipped, area)
        for shape in stored:
            other = self._room.drawings.description(shape.frame)
            if other is not None and shape.frame not in found:
                found[shape.frame] = Shown(other, state.voi or _own(other))
        return list(found.values())

    def _on_plane(self, shape: Annotation) -> bool:
        image = self._room.drawings.description(shape.frame)
        return image is not None and is_reformatted(image)

    def _path(self, sop_instance_uid: str) -> str:
        path = self._loader.path(FrameKey(sop_instance_uid))
        if path is None:
            raise ViewerError("The file of this image is not known any more. Open it again.")
        return path

    def _failed(self, error: Exception) -> None:
        self._say(
            str(error)
            if isinstance(error, ViewerError)
            else "The presentation state failed: a fault of the program."
        )


def _own(image: ImageDescription) -> Voi | None:
    return image.vois[image.default_voi] if image.vois else None


def _moment(state: PresentationState) -> float:
    return state.content.created.timestamp() if state.content.created else 0.0


def _seen(state: ViewportState, image: ImageDescription) -> DisplayedArea:
    """Return the pixels that a viewport shows, which may reach beyond the image (PS3.3 C.10.4)."""
    ends = [state.to_image(0, 0), state.to_image(state.width, state.height)]
    (left, right), (top, bottom) = (sorted(end[axis] for end in ends) for axis in (0, 1))
    whole = DisplayedArea.whole(image)
    return replace(
        whole,
        left=math.floor(left) + 1,
        top=math.floor(top) + 1,
        right=max(math.ceil(right), math.floor(left) + 1),
        bottom=max(math.ceil(bottom), math.floor(top) + 1),
    )


def _onto(area: DisplayedArea, state: ViewportState) -> ViewportState:
    """Return the view in which an area just fits; the whole image is fitted, whatever the size."""
    image = state.image
    if image is None or (area.left, area.top, area.right, area.bottom) == (1, 1, image.columns, image.rows):
        return replace(state, zoom=None, pan=(0.0, 0.0))
    wide, high = area.right - area.left + 1.0, (area.bottom - area.top + 1) * image.pixel_aspect
    if state.rotation in {90, 270}:
        wide, high = high, wide
    fitted = replace(state, zoom=min(state.width / wide, state.height / high), pan=(0.0, 0.0))
    x, y = fitted.to_screen((area.left - 1 + area.right) / 2, (area.top - 1 + area.bottom) / 2)
    return replace(fitted, pan=(state.width / 2 - x, state.height / 2 - y))
