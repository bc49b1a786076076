"""Everything that reading is done with, in one place."""

from dataclasses import dataclass

from viewer.ui.cine.cinema import Cinema
from viewer.ui.hands import Hands
from viewer.ui.looks import Looks
from viewer.ui.reformat import Reformat
from viewer.viewing.desk import Desk
from viewer.viewing.drawings import Drawings


@dataclass(frozen=True, slots=True)
class Room:
    """Everything that reading is done with."""

    desk: Desk
    drawings: Drawings
    looks: Looks
    hands: Hands
    cinema: Cinema
    reformat: Reformat
