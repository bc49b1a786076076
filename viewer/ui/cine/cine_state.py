"""What the bar of a film shows, and how it says it."""

from dataclasses import dataclass

MODES = (("loop", "Loop", "starts again at the end"), ("sweep", "Sweep", "turns round at both ends"),
         ("once", "Once", "stops at the last image"))  # fmt: skip
SECOND = 1000.0  # ms


@dataclass(frozen=True, slots=True)
class CineState:
    """What the bar shows. Frames count from 1."""

    playing: bool = False
    frame: int = 1
    frames: int = 1
    rate: float = 10.0  # wanted, images a second
    mode: str = "loop"  # a name in MODES
    first: int = 1  # between the trims
    last: int | None = None  # inclusive; None: the end
    usual: float = 10.0  # what the header wants, images a second
    assumed: bool = False  # the header gives no rate
    source: str = ""  # the attribute that gives it
    factor: float | None = None  # wanted rate by that of the acquisition; None when nothing tells that
    time: float | None = None  # ms from the first frame to the one that is shown, as acquired
    total: float | None = None  # ms that the acquisition took
    actual_rate: float | None = None  # reached, None while not playing
    skipped: int = 0  # came too late since the start
    behind: bool = False  # frames are read more slowly than they are played
    together: int = 1  # viewports that are played in step

    @property
    def trimmed(self) -> bool:
        """Tell whether a part is left out."""
        return self.first > 1 or (self.last is not None and self.last < self.frames)


def next_mode(mode: str) -> str:
    """Return the way of playing after `mode`."""
    names = [name for name, _, _ in MODES]
    return names[(names.index(mode) + 1) % len(names)]


def reached_words(state: CineState) -> str:
    """Return the rate that is reached, how it compares with the acquisition, and what was left out."""
    words = []
    if state.actual_rate is not None:
        words.append(f"{state.actual_rate:.1f} fps")
    if state.factor is not None:
        words.append(f"\u00d7{state.factor:.3g}")
    if state.actual_rate is not None:
        late = ", decoding" if state.behind else ""
        words.append(f"{state.skipped} skipped{late}")
    return " \u00b7 ".join(words)


def time_words(state: CineState) -> str:
    """Return the time of the frame within that of the acquisition, in seconds, as far as it is known."""
    if state.time is None or state.total is None:
        return ""
    return f"{state.time / SECOND:.2f} / {state.total / SECOND:.2f} s"


def rate_words(state: CineState) -> str:
    """Return where the wanted rate comes from, for a tooltip."""
    if state.assumed:
        return "The header gives no rate: this one is assumed"
    wanted = f"{state.usual:.3g} images a second: {state.source}" if state.source else ""
    return "\n".join(line for line in ("Wanted images a second, or a factor such as 0.5x", wanted) if line)
