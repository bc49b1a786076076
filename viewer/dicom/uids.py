"""One row per SOP class and per transfer syntax: what kind of thing it is and what it is called (PS3.6 A)."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a program can do with the instances of a SOP class."""

    IMAGE = "image"
    SEGMENTATION = "segmentation"  # an image too: its frames are masks
    PRESENTATION_STATE = "presentation state"
    KEY_OBJECT = "key object selection"
    REPORT = "report"
    WAVEFORM = "waveform"
    DOCUMENT = "document"
    RT = "radiotherapy object"
    OTHER = "other object"


@dataclass(frozen=True, slots=True)
class SopClass:
    """One SOP class (PS3.4 B.5)."""

    uid: str
    name: str  # as the standard has it, without "Storage"
    kind: Kind
    projection: bool = False  # each image a view through the body: nothing to stack, free to rotate

    @property
    def has_pixels(self) -> bool:
        """Tell whether instances of this class are pictures."""
        return self.kind in {Kind.IMAGE, Kind.SEGMENTATION}


def sop_class(uid: str) -> SopClass:
    """Return the SOP class of a UID; one that is not in the table is of kind OTHER and named by its UID."""
    known = SOP_CLASSES.get(uid)
    if known is not None:
        return known
    return SopClass(uid, f"unknown SOP class {uid}" if uid else "object without a SOP class", Kind.OTHER)


def transfer_syntax_name(uid: str) -> str:
    """Return what a transfer syntax is called; an unknown one is named by its UID."""
    return TRANSFER_SYNTAXES.get(uid, f"unknown transfer syntax {uid}" if uid else "no transfer syntax")


MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"  # Media Storage Directory Storage: a DICOMDIR

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_IMAGE = (Kind.IMAGE, False)
_PROJECTED = (Kind.IMAGE, True)
_SEGMENTATION = (Kind.SEGMENTATION, False)
_STATE = (Kind.PRESENTATION_STATE, False)
_KEY_OBJECT = (Kind.KEY_OBJECT, False)
_REPORT = (Kind.REPORT, False)
_WAVEFORM = (Kind.WAVEFORM, False)
_DOCUMENT = (Kind.DOCUMENT, False)
_RT = (Kind.RT, False)
_OTHER = (Kind.OTHER, False)

_ROWS = (
    ("1", "Computed Radiography Image", _PROJECTED),
    ("1.1", "Digital X-Ray Image - For Presentation", _PROJECTED),
    ("1.1.1", "Digital X-Ray Image - For Processing", _PROJECTED),
    ("1.2", "Digital Mammography X-Ray Image - For Presentation", _PROJECTED),
    ("1.2.1", "Digital Mammography X-Ray Image - For Processing", _PROJECTED),
    ("1.3", "Digital Intra-Oral X-Ray Image - For Presentation", _PROJECTED),
    ("1.3.1", "Digital Intra-Oral X-Ray Image - For Processing", _PROJECTED),
    ("2", "CT Image", _IMAGE),
    ("2.1", "Enhanced CT Image", _IMAGE),
    ("2.2", "Legacy Converted Enhanced CT Image", _IMAGE),
    ("3", "Ultrasound Multi-frame Image", _IMAGE),
    ("3.1", "Ultrasound Multi-frame Image", _IMAGE),
    ("4", "MR Image", _IMAGE),
    ("4.1", "Enhanced MR Image", _IMAGE),
    ("4.2", "MR Spectroscopy", _OTHER),
    ("4.3", "Enhanced MR Color Image", _IMAGE),
    ("4.4", "Legacy Converted Enhanced MR Image", _IMAGE),
    ("5", "Nuclear Medicine Image", _IMAGE),
    ("6", "Ultrasound Image", _IMAGE),
    ("6.1", "Ultrasound Image", _IMAGE),
    ("6.2", "Enhanced US Volume", _IMAGE),
    ("6.3", "Photoacoustic Image", _IMAGE),
    ("7", "Secondary Capture Image", _IMAGE),
    ("7.1", "Multi-frame Single Bit Secondary Capture Image", _IMAGE),
    ("7.2", "Multi-frame Grayscale Byte Secondary Capture Image", _IMAGE),
    ("7.3", "Multi-frame Grayscale Word Secondary Capture Image", _IMAGE),
    ("7.4", "Multi-frame True Color Secondary Capture Image", _IMAGE),
    ("8", "Standalone Overlay", _OTHER),
    ("9", "Standalone Curve", _OTHER),
    ("9.1", "Waveform (trial)", _WAVEFORM),
    ("9.1.1", "12-lead ECG Waveform", _WAVEFORM),
    ("9.1.2", "General ECG Waveform", _WAVEFORM),
    ("9.1.3", "Ambulatory ECG Waveform", _WAVEFORM),
    ("9.1.4", "General 32-bit ECG Waveform", _WAVEFORM),
    ("9.2.1", "Hemodynamic Waveform", _WAVEFORM),
    ("9.3.1", "Cardiac Electrophysiology Waveform", _WAVEFORM),
    ("9.4.1", "Basic Voice Audio Waveform", _WAVEFORM),
    ("9.4.2", "General Audio Waveform", _WAVEFORM),
    ("9.5.1", "Arterial Pulse Waveform", _WAVEFORM),
    ("9.6.1", "Respiratory Waveform", _WAVEFORM),
    ("9.6.2", "Multi-channel Respiratory Waveform", _WAVEFORM),
    ("9.7.1", "Routine Scalp Electroencephalogram Waveform", _WAVEFORM),
    ("9.7.2", "Electromyogram Waveform", _WAVEFORM),
    ("9.7.3", "Electrooculogram Waveform", _WAVEFORM),
    ("9.7.4", "Sleep Electroencephalogram Waveform", _WAVEFORM),
    ("9.8.1", "Body Position Waveform", _WAVEFORM),
    ("10", "Standalone Modality LUT", _OTHER),
    ("11", "Standalone VOI LUT", _OTHER),
    ("11.1", "Grayscale Softcopy Presentation State", _STATE),
    ("11.2", "Color Softcopy Presentation State", _STATE),
    ("11.3", "Pseudo-Color Softcopy Presentation State", _STATE),
    ("11.4", "Blending Softcopy Presentation State", _STATE),
    ("11.5", "XA/XRF Grayscale Softcopy Presentation State", _STATE),
    ("11.6", "Grayscale Planar MPR Volumetric Presentation State", _STATE),
    ("11.7", "Compositing Planar MPR Volumetric Presentation State", _STATE),
    ("11.8", "Advanced Blending Presentation State", _STATE),
    ("11.9", "Volume Rendering Volumetric Presentation State", _STATE),
    ("11.10", "Segmented Volume Rendering Volumetric Presentation State", _STATE),
    ("11.11", "Multiple Volume Rendering Volumetric Presentation State", _STATE),
    ("11.12", "Variable Modality LUT Softcopy Presentation State", _STATE),
    ("12.1", "X-Ray Angiographic Image", _PROJECTED),
    ("12.1.1", "Enhanced XA Image", _PROJECTED),
    ("12.2", "X-Ray Radiofluoroscopic Image", _PROJECTED),
    ("12.2.1", "Enhanced XRF Image", _PROJECTED),
    ("12.3", "X-Ray Angiographic Bi-Plane Image", _PROJECTED),
    ("13.1.1", "X-Ray 3D Angiographic Image", _IMAGE),
    ("13.1.2", "X-Ray 3D Craniofacial Image", _IMAGE),
    ("13.1.3", "Breast Tomosynthesis Image", _IMAGE),
    ("13.1.4", "Breast Projection X-Ray Image - For Presentation", _PROJECTED),
    ("13.1.5", "Breast Projection X-Ray Image - For Processing", _PROJECTED),
    ("14.1", "Intravascular Optical Coherence Tomography Image - For Presentation", _IMAGE),
    ("14.2", "Intravascular Optical Coherence Tomography Image - For Processing", _IMAGE),
    ("20", "Nuclear Medicine Image", _IMAGE),
    ("30", "Parametric Map", _IMAGE),
    ("66", "Raw Data", _OTHER),
    ("66.1", "Spatial Registration", _OTHER),
    ("66.2", "Spatial Fiducials", _OTHER),
    ("66.3", "Deformable Spatial Registration", _OTHER),
    ("66.4", "Segmentation", _SEGMENTATION),
    ("66.5", "Surface Segmentation", _OTHER),
    ("66.6", "Tractography Results", _OTHER),
    ("66.7", "Label Map Segmentation", _SEGMENTATION),
    ("66.8", "Height Map Segmentation", _SEGMENTATION),
    ("67", "Real World Value Mapping", _OTHER),
    ("68.1", "Surface Scan Mesh", _OTHER),
    ("68.2", "Surface Scan Point Cloud", _OTHER),
    ("77.1", "VL Image (trial)", _IMAGE),
    ("77.2", "VL Multi-frame Image (trial)", _IMAGE),
    ("77.1.1", "VL Endoscopic Image", _IMAGE),
    ("77.1.1.1", "Video Endoscopic Image", _IMAGE),
    ("77.1.2", "VL Microscopic Image", _IMAGE),
    ("77.1.2.1", "Video Microscopic Image", _IMAGE),
    ("77.1.3", "VL Slide-Coordinates Microscopic Image", _IMAGE),
    ("77.1.4", "VL Photographic Image", _IMAGE),
    ("77.1.4.1", "Video Photographic Image", _IMAGE),
    ("77.1.5.1", "Ophthalmic Photography 8 Bit Image", _IMAGE),
    ("77.1.5.2", "Ophthalmic Photography 16 Bit Image", _IMAGE),
    ("77.1.5.3", "Stereometric Relationship", _OTHER),
    ("77.1.5.4", "Ophthalmic Tomography Image", _IMAGE),
    ("77.1.5.5", "Wide Field Ophthalmic Photography Stereographic Projection Image", _IMAGE),
    ("77.1.5.6", "Wide Field Ophthalmic Photography 3D Coordinates Image", _IMAGE),
    ("77.1.5.7", "Ophthalmic Optical Coherence Tomography En Face Image", _IMAGE),
    ("77.1.5.8", "Ophthalmic Optical Coherence Tomography B-scan Volume Analysis", _IMAGE),
    ("77.1.6", "VL Whole Slide Microscopy Image", _IMAGE),
    ("77.1.7", "Dermoscopic Photography Image", _IMAGE),
    ("77.1.8", "Confocal Microscopy Image", _IMAGE),
    ("77.1.9", "Confocal Microscopy Tiled Pyramidal Image", _IMAGE),
    ("78.1", "Lensometry Measurements", _OTHER),
    ("78.2", "Autorefraction Measurements", _OTHER),
    ("78.3", "Keratometry Measurements", _OTHER),
    ("78.4", "Subjective Refraction Measurements", _OTHER),
    ("78.5", "Visual Acuity Measurements", _OTHER),
    ("78.6", "Spectacle Prescription Report", _OTHER),
    ("78.7", "Ophthalmic Axial Measurements", _OTHER),
    ("78.8", "Intraocular Lens Calculations", _OTHER),
    ("79.1", "Macular Grid Thickness and Volume Report", _REPORT),
    ("80.1", "Ophthalmic Visual Field Static Perimetry Measurements", _OTHER),
    ("81.1", "Ophthalmic Thickness Map", _IMAGE),
    ("82.1", "Corneal Topography Map", _IMAGE),
    ("88.1", "Text SR (trial)", _REPORT),
    ("88.2", "Audio SR (trial)", _REPORT),
    ("88.3", "Detail SR (trial)", _REPORT),
    ("88.4", "Comprehensive SR (trial)", _REPORT),
    ("88.11", "Basic Text SR", _REPORT),
    ("88.22", "Enhanced SR", _REPORT),
    ("88.33", "Comprehensive SR", _REPORT),
    ("88.34", "Comprehensive 3D SR", _REPORT),
    ("88.35", "Extensible SR", _REPORT),
    ("88.40", "Procedure Log", _REPORT),
    ("88.50", "Mammography CAD SR", _REPORT),
    ("88.59", "Key Object Selection Document", _KEY_OBJECT),
    ("88.65", "Chest CAD SR", _REPORT),
    ("88.67", "X-Ray Radiation Dose SR", _REPORT),
    ("88.68", "Radiopharmaceutical Radiation Dose SR", _REPORT),
    ("88.69", "Colon CAD SR", _REPORT),
    ("88.70", "Implantation Plan SR", _REPORT),
    ("88.71", "Acquisition Context SR", _REPORT),
    ("88.72", "Simplified Adult Echo SR", _REPORT),
    ("88.73", "Patient Radiation Dose SR", _REPORT),
    ("88.74", "Planned Imaging Agent Administration SR", _REPORT),
    ("88.75", "Performed Imaging Agent Administration SR", _REPORT),
    ("88.76", "Enhanced X-Ray Radiation Dose SR", _REPORT),
    ("88.77", "Waveform Annotation SR", _REPORT),
    ("90.1", "Content Assessment Results", _OTHER),
    ("91.1", "Microscopy Bulk Simple Annotations", _OTHER),
    ("104.1", "Encapsulated PDF", _DOCUMENT),
    ("104.2", "Encapsulated CDA", _DOCUMENT),
    ("104.3", "Encapsulated STL", _DOCUMENT),
    ("104.4", "Encapsulated OBJ", _DOCUMENT),
    ("104.5", "Encapsulated MTL", _DOCUMENT),
    ("128", "Positron Emission Tomography Image", _IMAGE),
    ("128.1", "Legacy Converted Enhanced PET Image", _IMAGE),
    ("129", "Standalone PET Curve", _OTHER),
    ("130", "Enhanced PET Image", _IMAGE),
    ("131", "Basic Structured Display", _OTHER),
    ("200.1", "CT Defined Procedure Protocol", _OTHER),
    ("200.2", "CT Performed Procedure Protocol", _OTHER),
    ("200.3", "Protocol Approval", _OTHER),
    ("200.7", "XA Defined Procedure Protocol", _OTHER),
    ("200.8", "XA Performed Procedure Protocol", _OTHER),
    ("201.1", "Inventory", _OTHER),
    ("481.1", "RT Image", _PROJECTED),
    ("481.2", "RT Dose", _IMAGE),
    ("481.3", "RT Structure Set", _RT),
    ("481.4", "RT Beams Treatment Record", _RT),
    ("481.5", "RT Plan", _RT),
    ("481.6", "RT Brachy Treatment Record", _RT),
    ("481.7", "RT Treatment Summary Record", _RT),
    ("481.8", "RT Ion Plan", _RT),
    ("481.9", "RT Ion Beams Treatment Record", _RT),
    ("481.10", "RT Physician Intent", _RT),
    ("481.11", "RT Segment Annotation", _RT),
    ("481.12", "RT Radiation Set", _RT),
    ("481.13", "C-Arm Photon-Electron Radiation", _RT),
    ("481.14", "Tomotherapeutic Radiation", _RT),
    ("481.15", "Robotic-Arm Radiation", _RT),
    ("481.16", "RT Radiation Record Set", _RT),
    ("481.17", "RT Radiation Salvage Record", _RT),
    ("481.18", "Tomotherapeutic Radiation Record", _RT),
    ("481.19", "C-Arm Photon-Electron Radiation Record", _RT),
    ("481.20", "Robotic Radiation Record", _RT),
    ("481.21", "RT Radiation Set Delivery Instruction", _RT),
    ("481.22", "RT Treatment Preparation", _RT),
    ("481.23", "Enhanced RT Image", _PROJECTED),
    ("481.24", "Enhanced Continuous RT Image", _PROJECTED),
    ("481.25", "RT Patient Position Acquisition Instruction", _RT),
)

_OTHER_ROOTS = (
    (MEDIA_DIRECTORY, "Media Storage Directory", _OTHER),
    ("1.2.840.10008.5.1.1.27", "Stored Print", _OTHER),
    ("1.2.840.10008.5.1.1.29", "Hardcopy Grayscale Image", _IMAGE),
    ("1.2.840.10008.5.1.1.30", "Hardcopy Color Image", _IMAGE),
    ("1.2.840.10008.5.1.4.34.7", "RT Beams Delivery Instruction", _RT),
    ("1.2.840.10008.5.1.4.34.10", "RT Brachy Application Setup Delivery Instruction", _RT),
    ("1.2.840.10008.5.1.4.38.1", "Hanging Protocol", _OTHER),
    ("1.2.840.10008.5.1.4.39.1", "Color Palette", _OTHER),
    ("1.2.840.10008.5.1.4.43.1", "Generic Implant Template", _OTHER),
    ("1.2.840.10008.5.1.4.44.1", "Implant Assembly Template", _OTHER),
    ("1.2.840.10008.5.1.4.45.1", "Implant Template Group", _OTHER),
    ("1.3.12.2.1107.5.9.1", "Siemens private data (CSA Non-Image)", _OTHER),
)

SOP_CLASSES = {
    row[0]: SopClass(row[0], row[1], *row[2])
    for row in (*((_STORAGE + suffix, name, kind) for suffix, name, kind in _ROWS), *_OTHER_ROOTS)
}

TRANSFER_SYNTAXES = {
    "1.2.840.10008.1.2": "Implicit VR Little Endian",
    "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
    "1.2.840.10008.1.2.1.98": "Encapsulated Uncompressed Explicit VR Little Endian",
    "1.2.840.10008.1.2.1.99": "Deflated Explicit VR Little Endian",
    "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
    "1.2.840.10008.1.2.4.50": "JPEG Baseline",
    "1.2.840.10008.1.2.4.51": "JPEG Extended, 12 bit",
    "1.2.840.10008.1.2.4.52": "JPEG Extended (Process 3 and 5)",
    "1.2.840.10008.1.2.4.53": "JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)",
    "1.2.840.10008.1.2.4.54": "JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)",
    "1.2.840.10008.1.2.4.55": "JPEG Full Progression, Non-Hierarchical (Process 10 and 12)",
    "1.2.840.10008.1.2.4.56": "JPEG Full Progression, Non-Hierarchical (Process 11 and 13)",
    "1.2.840.10008.1.2.4.57": "JPEG Lossless (Process 14)",
    "1.2.840.10008.1.2.4.58": "JPEG Lossless, Non-Hierarchical (Process 15)",
    "1.2.840.10008.1.2.4.59": "JPEG Extended, Hierarchical (Process 16 and 18)",
    "1.2.840.10008.1.2.4.60": "JPEG Extended, Hierarchical (Process 17 and 19)",
    "1.2.840.10008.1.2.4.61": "JPEG Spectral Selection, Hierarchical (Process 20 and 22)",
    "1.2.840.10008.1.2.4.62": "JPEG Spectral Selection, Hierarchical (Process 21 and 23)",
    "1.2.840.10008.1.2.4.63": "JPEG Full Progression, Hierarchical (Process 24 and 26)",
    "1.2.840.10008.1.2.4.64": "JPEG Full Progression, Hierarchical (Process 25 and 27)",
    "1.2.840.10008.1.2.4.65": "JPEG Lossless, Hierarchical (Process 28)",
    "1.2.840.10008.1.2.4.66": "JPEG Lossless, Hierarchical (Process 29)",
    "1.2.840.10008.1.2.4.70": "JPEG Lossless",
    "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS Near-Lossless",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.92": "JPEG 2000 Part 2 Multi-component (Lossless Only)",
    "1.2.840.10008.1.2.4.93": "JPEG 2000 Part 2 Multi-component",
    "1.2.840.10008.1.2.4.94": "JPIP Referenced",
    "1.2.840.10008.1.2.4.95": "JPIP Referenced Deflate",
    "1.2.840.10008.1.2.4.100": "MPEG2 Main Profile / Main Level",
    "1.2.840.10008.1.2.4.100.1": "Fragmentable MPEG2 Main Profile / Main Level",
    "1.2.840.10008.1.2.4.101": "MPEG2 Main Profile / High Level",
    "1.2.840.10008.1.2.4.101.1": "Fragmentable MPEG2 Main Profile / High Level",
    "1.2.840.10008.1.2.4.102": "MPEG-4 AVC/H.264 High Profile / Level 4.1",
    "1.2.840.10008.1.2.4.102.1": "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1",
    "1.2.840.10008.1.2.4.103": "MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1",
    "1.2.840.10008.1.2.4.103.1": "Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1",
    "1.2.840.10008.1.2.4.104": "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video",
    "1.2.840.10008.1.2.4.104.1": "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video",
    "1.2.840.10008.1.2.4.105": "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video",
    "1.2.840.10008.1.2.4.105.1": "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video",
    "1.2.840.10008.1.2.4.106": "MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2",
    "1.2.840.10008.1.2.4.106.1": "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2",
    "1.2.840.10008.1.2.4.107": "HEVC/H.265 Main Profile / Level 5.1",
    "1.2.840.10008.1.2.4.108": "HEVC/H.265 Main 10 Profile / Level 5.1",
    "1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 Lossless",
    "1.2.840.10008.1.2.4.202": "High-Throughput JPEG 2000 Lossless, RPCL",
    "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
    "1.2.840.10008.1.2.4.204": "JPIP HTJ2K Referenced",
    "1.2.840.10008.1.2.4.205": "JPIP HTJ2K Referenced Deflate",
    "1.2.840.10008.1.2.5": "RLE Lossless",
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL, JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
    "1.2.840.113619.5.2": "GE private Implicit VR, Big Endian pixels",
}
