"""The viewports: where they lie, and what is painted in them."""
