"""What an object without pixels is about, in a short text; one writer for each kind that has more to say.

Waveforms (PS3.3 C.10.9), radiotherapy (C.8.8), presentation states (C.11), real world values (C.7.6.16.2.11),
spectroscopy (C.8.14), segmentations (C.8.20); of everything else the header's own attributes are listed.
"""

from collections.abc import Callable, Mapping
from itertools import islice

from pydicom.datadict import dictionary_description, dictionary_has_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from viewer.dicom.header import Header
from viewer.dicom.outline import Outline, count, cut
from viewer.dicom.report_text import code
from viewer.dicom.text import date, person_name, time

MOST_ROWS = 500  # of one list: structures, beams, segments, channels
MOST_ATTRIBUTES = 300  # of the plain list
LONGEST_VALUE = 200  # characters of one value in it
AS_READ: Mapping[str, Callable[[str], str]] = {"DA": date, "TM": time, "PN": person_name}
BINARY = {"OB", "OW", "OD", "OF", "OL", "OV", "UN"}

Writer = Callable[[Header, Outline], None]


def write_waveforms(header: Header, outline: Outline) -> None:
    """Add the multiplex groups of a waveform: channels, rate, duration."""
    for number, group in enumerate(_rows(header, "WaveformSequence"), 1):
        channels, samples = (
            group.integer("NumberOfWaveformChannels"),
            group.integer("NumberOfWaveformSamples"),
        )
        rate = group.number("SamplingFrequency")
        words = [count(channels or 0, "channel")]
        if rate:
            words.append(f"{rate:g} samples a second")
        if rate and samples:
            words.append(f"{samples / rate:.4g} s")
        outline.add(f"Group {number} {_in_brackets(group.text('MultiplexGroupLabel'))}: {', '.join(words)}")
        for channel in _rows(group, "ChannelDefinitionSequence"):
            source = code(channel.item("ChannelSourceSequence")) or channel.text("ChannelLabel") or "channel"
            unit = code(channel.item("ChannelSensitivityUnitsSequence"))
            sensitivity = channel.text("ChannelSensitivity")
            outline.fact(source, f"{sensitivity} {unit} a step".strip() if sensitivity else "as stored", 1)
    for note in _rows(header, "WaveformAnnotationSequence"):
        value = " ".join(
            filter(None, (note.text("NumericValue"), code(note.item("MeasurementUnitsCodeSequence"))))
        )
        outline.fact(
            code(note.item("ConceptNameCodeSequence")) or "Note", note.text("UnformattedTextValue") or value
        )


def write_structures(header: Header, outline: Outline) -> None:
    """Add the structures of an RT Structure Set with their kind and number of contours."""
    kinds = {
        row.integer("ReferencedROINumber"): row.text("RTROIInterpretedType").lower()
        for row in _rows(header, "RTROIObservationsSequence")
    }
    contours = {row.integer("ReferencedROINumber"): row for row in _rows(header, "ROIContourSequence")}
    structures = _rows(header, "StructureSetROISequence")
    outline.add(count(len(structures), "structure"))
    for row in structures:
        number = row.integer("ROINumber")
        drawn = contours[number].items("ContourSequence") if number in contours else []
        facts = (kinds.get(number, ""), count(len(drawn), "contour"))
        outline.fact(row.text("ROIName") or f"number {number}", ", ".join(filter(None, facts)), 1)


def write_plan(header: Header, outline: Outline) -> None:
    """Add prescriptions, fractions and beams of an RT Plan or RT Ion Plan."""
    outline.fact("Intent", header.text("PlanIntent").lower())
    outline.fact("Approval", header.text("ApprovalStatus").lower())
    for dose in _rows(header, "DoseReferenceSequence"):
        target = dose.text("TargetPrescriptionDose")
        name = dose.text("DoseReferenceDescription") or dose.text("DoseReferenceType").lower()
        outline.fact(
            f"Dose to {name or 'a reference'}", f"{target} Gy prescribed" if target else "no prescription"
        )
    for group in _rows(header, "FractionGroupSequence"):
        planned = group.integer("NumberOfFractionsPlanned")
        words = (
            count(planned, "fraction") if planned else "",
            count(group.integer("NumberOfBeams") or 0, "beam"),
        )
        outline.fact(f"Fraction group {group.text('FractionGroupNumber')}", ", ".join(filter(None, words)))
    for keyword in ("BeamSequence", "IonBeamSequence"):
        for beam in _rows(header, keyword):
            outline.fact(f"Beam {beam.text('BeamNumber')}", _beam(beam), 1)


def _beam(beam: Header) -> str:
    points = beam.items("ControlPointSequence") or beam.items("IonControlPointSequence")
    energy = points[0].text("NominalBeamEnergy") if points else ""
    angle = points[0].text("GantryAngle") if points else ""
    facts = (
        beam.text("BeamName"),
        beam.text("RadiationType").lower(),
        beam.text("BeamType").lower(),
        f"energy {energy} {'MeV' if beam.text('RadiationType') in {'PROTON', 'ION'} else 'MV'}"
        if energy
        else "",
        f"gantry {angle}°" if angle else "",
        count(len(points), "control point"),
    )
    return ", ".join(filter(None, facts))


def write_presentation_state(header: Header, outline: Outline) -> None:
    """Add what a presentation state is about and what it changes."""
    outline.fact("Made", _moment(header, "PresentationCreationDate", "PresentationCreationTime"))
    series = _rows(header, "ReferencedSeriesSequence")
    images = sum(len(row.items("ReferencedImageSequence")) for row in series)
    outline.fact("About", count(images, "image"))
    windows = [
        f"center {row.text('WindowCenter')} width {row.text('WindowWidth')}"
        for row in _rows(header, "SoftcopyVOILUTSequence")
        if "WindowCenter" in row
    ]
    outline.fact("Window", "; ".join(windows))
    outline.fact("Shutter", ", ".join(header.texts("ShutterShape")).lower())
    turned = header.integer("ImageRotation") or 0
    flipped = "flipped" if header.code("ImageHorizontalFlip") == "Y" else ""
    outline.fact("Turned", ", ".join(filter(None, (f"{turned}°" if turned else "", flipped))))
    for layer in _rows(header, "GraphicAnnotationSequence"):
        drawn, written = layer.items("GraphicObjectSequence"), layer.items("TextObjectSequence")
        words = f"{count(len(drawn), 'graphic')}, {count(len(written), 'text')}"
        outline.fact(f"Layer {layer.text('GraphicLayer')}", words)
        for text in written[:MOST_ROWS]:
            outline.add(text.text("UnformattedTextValue"), 1)


def write_real_world_values(header: Header, outline: Outline) -> None:
    """Add how stored values become quantities."""
    for reference in _rows(header, "ReferencedImageRealWorldValueMappingSequence"):
        images = len(reference.items("ReferencedImageSequence"))
        outline.add(f"For {count(images, 'image')}:")
        for row in _rows(reference, "RealWorldValueMappingSequence"):
            unit = code(row.item("MeasurementUnitsCodeSequence")) or "no unit"
            first, last = (
                row.text("RealWorldValueFirstValueMapped"),
                row.text("RealWorldValueLastValueMapped"),
            )
            slope, intercept = row.text("RealWorldValueSlope"), row.text("RealWorldValueIntercept")
            rule = f"stored value times {slope} plus {intercept}" if slope else "by a table"
            span = f" for stored values {first} to {last}" if first and last else ""
            name = row.text("LUTLabel") or row.text("LUTExplanation") or "Mapping"
            outline.fact(name, f"{rule}{span}, in {unit}", 1)


def write_spectroscopy(header: Header, outline: Outline) -> None:
    """Add the size of the grid of spectra, and how they were acquired."""
    grid = " x ".join(header.text(keyword) or "?" for keyword in ("Columns", "Rows", "NumberOfFrames"))
    outline.fact("Voxels (columns x rows x frames)", grid)
    outline.fact("Points of a spectrum", header.text("DataPointColumns"))
    outline.fact("Nucleus", header.text("ResonantNucleus"))
    outline.fact("Spectral width", _with_unit(header, "SpectralWidth", "Hz"))
    outline.fact("Transmitter frequency", _with_unit(header, "TransmitterFrequency", "MHz"))
    outline.fact("Technique", header.text("VolumeLocalizationTechnique"))


def write_segments(header: Header, outline: Outline) -> None:
    """Add the segments of a segmentation."""
    outline.fact("Kind", header.text("SegmentationType").lower())
    segments = _rows(header, "SegmentSequence")
    outline.add(count(len(segments), "segment"))
    for row in segments:
        what = code(row.item("SegmentedPropertyTypeCodeSequence"))
        how = row.text("SegmentAlgorithmType").lower()
        name = f"{row.text('SegmentNumber')} {row.text('SegmentLabel')}".strip()
        outline.fact(name, ", ".join(filter(None, (what, how))) or "(no description)", 1)


def write_attributes(header: Header, outline: Outline) -> None:
    """Add the header's own attributes as a plain list, without the patient's and without private ones."""
    dataset = header.dataset
    wanted = (tag for tag in sorted(dataset.keys()) if _is_listed(tag.group) and dictionary_has_tag(tag))
    for tag in islice(wanted, MOST_ATTRIBUTES):
        outline.fact(dictionary_description(tag), _value(dataset, int(tag)))


def _is_listed(group: int) -> bool:
    return group % 2 == 0 and group not in {0x0002, 0x0010, 0x7FE0}


def _value(dataset: Dataset, tag: int) -> str:
    """Return a value in a few words; "" for an empty or damaged one."""
    try:
        element = dataset[tag]
        return _words(element)
    except Exception:  # noqa: BLE001  pydicom raises many kinds for a value that it cannot convert
        return "(damaged)"


def _words(element: DataElement) -> str:
    if element.is_empty:
        return ""
    if element.VR == "SQ" or element.VR in BINARY:
        return count(len(element.value), "item" if element.VR == "SQ" else "byte")
    if element.VM > 1:
        return cut(", ".join(str(value) for value in element.value[:LONGEST_VALUE]), LONGEST_VALUE)
    return cut(AS_READ.get(element.VR, str)(str(element.value)), LONGEST_VALUE)


def _rows(header: Header, keyword: str) -> list[Header]:
    return header.items(keyword)[:MOST_ROWS]


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


def _with_unit(header: Header, keyword: str, unit: str) -> str:
    text = header.text(keyword)
    return f"{text} {unit}" if text else ""


def _moment(header: Header, day: str, moment: str) -> str:
    return " ".join(filter(None, (date(header.text(day)), time(header.text(moment)))))


_STORAGE = "1.2.840.10008.5.1.4.1.1."
WRITERS: Mapping[str, Writer] = {
    f"{_STORAGE}481.3": write_structures,
    f"{_STORAGE}481.5": write_plan,
    f"{_STORAGE}481.8": write_plan,
    f"{_STORAGE}67": write_real_world_values,
    f"{_STORAGE}4.2": write_spectroscopy,
}
