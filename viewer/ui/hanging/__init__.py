"""Hanging protocols in the window: choosing one, its stages, and saving what is seen as one."""
