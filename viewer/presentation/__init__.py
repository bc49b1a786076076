"""Softcopy presentation states (PS3.3 A.33): what a reader saw and drew, as DICOM objects."""
