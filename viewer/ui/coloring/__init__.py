"""Colours in the place of greys: which, and from where."""
