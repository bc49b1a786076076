"""A row of the table from which tool bar, key sheet and command palette are made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One thing that a reader can ask for; all words are for people, `name` is for the program."""

    name: str
    title: str
    key: str = ""  # as Qt writes it: "Ctrl+Z"
    icon: str = ""  # a drawing in resources/icons; "": shown by its title
    tip: str = ""  # one clause: what it is for
    checkable: bool = False
    group: str = ""  # rows with the same group stand together
    exclusive: bool = True  # of the checkable rows in a group, at most one is on
    family: str = ""  # rows of one family share a button, the last one used in front, and a menu beside it

    @property
    def tooltip(self) -> str:
        """Return "Name (Key) — clause" in plain text."""
        named = f"{self.title} ({self.key})" if self.key else self.title
        return f"{named} — {self.tip}" if self.tip else named
