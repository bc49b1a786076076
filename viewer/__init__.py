"""Negatoscope: a workstation for reading DICOM studies."""

__version__ = "0.1.0"
