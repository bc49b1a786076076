"""Measurements as geometry in image coordinates, their numbers, and how they change."""
