"""The magnifier: a lens on a picture, made from its stored values."""
