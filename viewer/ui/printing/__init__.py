"""A viewport as a picture: on paper, in a file, on the clipboard."""
