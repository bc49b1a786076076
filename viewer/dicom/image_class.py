"""What kind of image a header is about, by SOP class and modality (PS3.6 A, PS3.3 C.7.3.1.1.1)."""

from viewer.dicom.header import Header

STORAGE = "1.2.840.10008.5.1.4.1.1."
PROJECTION_CLASSES = tuple(
    STORAGE + ending
    for ending in (
        "1",  # computed radiography
        "1.1",  # digital X-ray, for presentation and for processing
        "1.1.1",
        "1.2",  # mammography
        "1.2.1",
        "1.3",  # intra-oral
        "1.3.1",
        "12.1",  # angiography and its enhanced form
        "12.1.1",
        "12.2",  # fluoroscopy and its enhanced form
        "12.2.1",
        "481.1",  # radiotherapy
    )
)
SECONDARY_CAPTURE = STORAGE + "7"
PROJECTION_MODALITIES = {"CR", "DX", "MG", "IO", "PX", "RG", "XA", "RF", "DF", "XRF", "RTIMAGE"}
# Values that a scanner measured, and that a range of 8 bits does not make screen values.
MEASURED_MODALITIES = {"CT", "MR", "PT", "NM", "RTDOSE"}


def is_projection(header: Header) -> bool:
    """Tell whether an image is an X-ray shadow; a secondary capture is what its modality says."""
    sop_class = header.text("SOPClassUID")
    if sop_class in PROJECTION_CLASSES:
        return True
    secondary = sop_class == SECONDARY_CAPTURE or sop_class.startswith(f"{SECONDARY_CAPTURE}.")
    return (secondary or not sop_class) and header.code("Modality") in PROJECTION_MODALITIES


def is_measured(header: Header) -> bool:
    """Tell whether the values are measurements, which have no natural range on a screen."""
    return header.code("Modality") in MEASURED_MODALITIES
