"""Which keys do what: the tables say it, and a reader may say otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

RESERVED = dict.fromkeys("0123456789", "a window of this image")  # taken by presets, viewing.presets
_MODIFIERS = ("ctrl", "alt", "shift", "meta")

Keys = Mapping[str, tuple[str, ...]]  # by the name of an action


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """The keys that a reader gave to an action, in place of its own; none at all is a choice, too."""

    name: str  # of the action
    keys: tuple[str, ...] = ()  # as Qt writes them: "Ctrl+Z"


def effective(own: Keys, choices: Iterable[KeyChoice]) -> dict[str, tuple[str, ...]]:
    """Return the keys of every action. Choices for actions that do not exist (any more) mean nothing."""
    chosen = {choice.name: choice.keys for choice in choices}
    return {name: chosen.get(name, keys) for name, keys in own.items()}


def chosen(
    own: Keys, choices: Sequence[KeyChoice], name: str, keys: tuple[str, ...]
) -> tuple[KeyChoice, ...]:
    """Return the choices with that of one action changed; its own keys are no choice."""
    others = tuple(choice for choice in choices if choice.name != name)
    return others if keys == own.get(name) else (*others, KeyChoice(name, keys))


def holder(keys: Keys, key: str, but: str = "") -> str | None:
    """Return the name of the action, other than `but`, that has a key; None when it is free."""
    wanted = normal(key)
    return next(
        (name for name, own in keys.items() if name != but and any(normal(each) == wanted for each in own)),
        None,
    )


def normal(key: str) -> str:
    """Return a key in the one way in which two that are the same compare equal."""
    head, _, last = key.casefold().rpartition("+")
    if not head and key.endswith("+"):  # "+" itself
        return "+"
    if key.endswith("++"):  # "Ctrl++"
        head, last = key.casefold()[:-2], "+"
    parts = [part for part in head.split("+") if part]
    order = {name: place for place, name in enumerate(_MODIFIERS)}
    return "+".join([*sorted(parts, key=lambda part: order.get(part, len(order))), last])
