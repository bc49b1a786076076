"""The fixtures of tests/window.py, for the tests of this folder."""

from window import decoders, reader, stay_off_the_disk  # noqa: F401  found here by name
