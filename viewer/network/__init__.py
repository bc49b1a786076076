"""Remote application entities: DIMSE (PS3.7, PS3.8) and DICOMweb (PS3.18)."""
