"""The menu of windows: what the header offers, then the presets of the modality."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable, Voi
from viewer.rendering.auto_window import auto_window
from viewer.ui.plain_text import single_line
from viewer.viewing.corner_text import voi_text
from viewer.viewing.pane import Pane
from viewer.viewing.presets import Preset, for_modality
from viewer.viewing.viewport import ViewportState

Change = Callable[[Callable[[ViewportState], ViewportState]], None]


class WindowsMenu(QMenu):
    """Fills itself from the active viewport each time it is shown."""

    def __init__(
        self, presets: tuple[Preset, ...], pane: Callable[[], Pane], change: Change, parent: QWidget
    ) -> None:
        """`change` applies a function to the state of the active viewport."""
        super().__init__("Windows", parent)
        self.presets, self._pane, self._change = presets, pane, change
        self.aboutToShow.connect(self._fill)
        self._keys: list[QAction] = []
        for key in "0123456789":
            action = QAction(f"Window {key}", parent)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(lambda _=False, key=key: self.choose(key))
            parent.addAction(action)
            self._keys.append(action)

    def set_keys(self, *, on: bool) -> None:
        """Listen to the number keys, or leave them to others."""
        for action in self._keys:
            action.setEnabled(on)

    def choose(self, key: str) -> None:
        """Take the preset of a number key; 0 is the image's own window."""
        pane = self._pane()
        if pane.picture is None:
            return
        if key == "0":
            self._take(None)
            return
        for preset in for_modality(self.presets, pane.picture.description.text.get("Modality", "")):
            if preset.key == key:
                self._take(preset.window)

    def _fill(self) -> None:
        self.clear()
        pane = self._pane()
        if pane.picture is None or pane.picture.description.samples_per_pixel > 1:
            self._add(
                "A colour image has no window" if pane.picture else "There is no image here", None
            ).setEnabled(False)
            return
        image, state = pane.picture.description, pane.state
        self.addSection("This image")
        for number, voi in enumerate(image.vois):
            chosen = (
                state.voi is None
                and (image.default_voi if state.alternative is None else state.alternative) == number
            )
            key = "0" if number == image.default_voi else ""
            action = self._add(_words(voi), partial(self._alternative, number), key)
            action.setCheckable(True)
            action.setChecked(chosen)
        frame = pane.picture.frame
        self._add("Auto, from the values of this image", lambda: self._take(auto_window(image, frame)))
        self._add_presets(image, state.voi)

    def _add_presets(self, image: ImageDescription, chosen: Voi | None) -> None:
        presets = for_modality(self.presets, image.text.get("Modality", ""))
        if presets:
            self.addSection("Presets")
        for preset in presets:
            words = f"{preset.name}   {voi_text(replace(preset.window, explanation=''))}"
            action = self._add(words, partial(self._take, preset.window), preset.key)
            action.setCheckable(True)
            action.setChecked(chosen == preset.window)

    def _add(self, words: str, deed: Callable[[], None] | None, key: str = "") -> QAction:
        text = single_line(words).replace("&", "&&")
        action = self.addAction(f"{text}\t{key}" if key else text)
        if deed is not None:
            action.triggered.connect(lambda _=False: deed())
        return action

    def _take(self, voi: Voi | None) -> None:
        self._change(lambda state: replace(state, voi=voi, alternative=None))

    def _alternative(self, number: int) -> None:
        self._change(lambda state: replace(state, voi=None, alternative=number))


def _words(voi: Voi) -> str:
    if isinstance(voi, LookupTable):
        return voi_text(voi)
    named = f"{voi.explanation}   " if voi.explanation else ""
    return f"{named}{voi_text(replace(voi, explanation=''))}"
