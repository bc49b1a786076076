"""Stored values to display values: the softcopy pipeline (PS3.4 N.2) and planes through a volume."""
