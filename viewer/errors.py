"""Errors that are shown to a person."""


class ViewerError(Exception):
    """Something that did not work, in one plain sentence for the person who can act on it.

    The message names the file or the peer and the reason, and never a patient. Every other
    exception is a fault of the program.
    """
