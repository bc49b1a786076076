"""What the actions on films and on masks do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from viewer.dicom.image import Mask
from viewer.ui.actions.film_rows import SHIFTS
from viewer.ui.cine.cine_bar import CineBar
from viewer.ui.cine.cine_state import next_mode
from viewer.ui.cine.cinema import Cinema
from viewer.ui.cine.film_reasons import NO_CHOICE, film_reasons
from viewer.viewing.desk import Desk
from viewer.viewing.masking import SMALLEST_SHIFT, Masking
from viewer.viewing.pane import Pane

Deed = Callable[[], None]
FASTER, SLOWER = 1.25, 0.8  # times the rate: one and the other undo each other


class FilmDeeds:
    """Deeds by name. `bar` tells what is wanted with the mouse, and the same is done."""

    def __init__(self, desk: Desk, cinema: Cinema, bar: CineBar, say: Callable[[str], None]) -> None:
        self._desk, self._cinema, self._say = desk, cinema, say
        bar.stop_wanted.connect(cinema.to_first)
        bar.frame_wanted.connect(lambda frame: desk.go_to(desk.active, frame - 1))
        bar.step_wanted.connect(self._step)
        bar.rate_wanted.connect(cinema.set_rate)
        bar.mode_wanted.connect(cinema.set_mode)
        bar.trims_wanted.connect(cinema.trim)
        bar.whole_wanted.connect(cinema.untrim)

    def table(self) -> Mapping[str, Deed]:
        """Return every deed by the name of its action."""
        cinema = self._cinema
        deeds: dict[str, Deed] = {
            "cine-together": cinema.toggle_together,
            "cine-stop": cinema.to_first,
            "cine-faster": lambda: cinema.multiply(FASTER),
            "cine-slower": lambda: cinema.multiply(SLOWER),
            "cine-usual": lambda: cinema.set_rate(None),
            "cine-mode": lambda: cinema.set_mode(next_mode(cinema.state().mode)),
            "trim-begin": lambda: cinema.trim(first=self._desk.pane.index + 1),
            "trim-end": lambda: cinema.trim(last=self._desk.pane.index + 1),
            "trim-none": cinema.untrim,
            "mask-here": lambda: self._choose(added=False),
            "mask-add": lambda: self._choose(added=True),
            "mask-header": self._forget,
            **{f"mask-{way}": partial(self._shift, down, right) for way, (down, right) in SHIFTS.items()},
        }
        return {name: partial(self._unless, name, deed) for name, deed in deeds.items()}

    def _unless(self, name: str, deed: Deed) -> None:
        reason = film_reasons(self._desk, self._cinema).get(name)
        if reason:
            self._say(reason)
        else:
            deed()

    def _step(self, by: int) -> None:
        """Go on by hand: who steps wants to look, and the film pauses."""
        self._cinema.stop()
        self._desk.scroll(self._desk.active, by)

    def _choose(self, *, added: bool) -> None:
        """Make the frame that is seen the mask, or one of several, and subtract it."""
        desk, pane = self._desk, self._desk.pane
        key = pane.key
        if key is None:
            return
        masking = pane.state.masking.with_mask(key.frame_number, added=added)
        self._take(masking)
        if masking.frames and pane.hung is not None and not pane.hung.subtracted:
            desk.subtract(desk.active, on=True)
        frames = ", ".join(str(frame) for frame in masking.frames)
        self._say(
            f"Mask: frame {frames}. Shift+M shows the frames with and without it." if frames else NO_CHOICE
        )

    def _forget(self) -> None:
        desk, pane = self._desk, self._desk.pane
        if pane.hung is not None and pane.hung.subtracted and _header_mask(pane) is None:
            desk.subtract(desk.active, on=False)  # without the chosen frames there is no mask at all
        self._take(Masking())

    def _shift(self, down: int, right: int) -> None:
        pane = self._desk.pane
        by = (down * SMALLEST_SHIFT, right * SMALLEST_SHIFT)
        self._take(pane.state.masking.shifted(*by, _header_mask(pane)))

    def _take(self, masking: Masking) -> None:
        desk = self._desk
        desk.view(desk.active, lambda state: replace(state, masking=masking))


def _header_mask(pane: Pane) -> Mask | None:
    return pane.state.image.mask if pane.state.image is not None else None
