"""Comparing: layouts and tiles, several studies and patients, what goes together."""
