"""One file → one record, or the reason why there is none."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from viewer.dicom.descriptor import Descriptor
from viewer.dicom.parsed_header import parse
from viewer.dicom.pdf import ENCAPSULATED_PDF, measure_pdf
from viewer.dicom.raw_header import (
    META_CLASS,
    META_INSTANCE,
    META_SYNTAX,
    ORIENTATION,
    POSITION,
    SPACING,
    TOP_LEVEL,
    NotDicomError,
    RawHeader,
)
from viewer.dicom.read import UnreadableError
from viewer.dicom.recall import Recall
from viewer.dicom.records import InstanceRecord, PatientRecord, Refused, SeriesRecord, Skipped, StudyRecord
from viewer.dicom.tags import scan
from viewer.dicom.uids import MEDIA_DIRECTORY, Kind, SopClass, sop_class
from viewer.dicom.values import Values, values_of

MOST_FRAMES = 1_000_000  # of one instance; the largest whole-slide images have about 200,000 tiles
LONGEST_UID = 128  # characters; the standard allows 64, and some old anonymisers exceed them
DICOM_SUFFIXES = (".dcm", ".dicom", ".dic")

Outcome = InstanceRecord | Refused | Skipped


def index_file(path: str, recall: Recall | None = None) -> Outcome:
    """Return the record of the DICOM instance in a file, or why there is none.

    Refused: it looks like DICOM and cannot be used. Skipped: it is another kind of file. Only regular
    files are opened. `recall` is kept between the calls for many files: it makes them faster, and changes
    no answer.
    """
    try:
        header = _header(path, recall)
    except NotDicomError:
        return _not_dicom(path)
    except UnreadableError as error:
        return Refused(path, error.reason)
    return outcome_of(path, header)


def outcome_of(path: str, header: RawHeader) -> Outcome:
    """Return the record of the instance with a header, or why there is none."""
    values, alike = _meaning(header)
    if alike.directory:
        return Skipped(path, "a media directory (DICOMDIR), which lists other files")
    instance_uid = values.code(0x00080018) or values.code(META_INSTANCE)
    if not header.magic and not header.values:
        return _not_dicom(path)
    reason = _unusable(header, alike, instance_uid)
    if reason:
        return Refused(path, reason)
    record = _record(path, header, values, alike, instance_uid)
    return _with_pages(record) if record.sop_class_uid == ENCAPSULATED_PDF else record


def _with_pages(record: InstanceRecord) -> InstanceRecord:
    """Return the record of an Encapsulated PDF as an image of so many frames: its pages can be looked at."""
    try:
        pages, rows, columns = measure_pdf(record.path)
    except UnreadableError as error:
        return replace(record, note="; ".join(filter(None, (record.note, error.reason))))
    return replace(
        record,
        number_of_frames=pages,
        rows=rows,
        columns=columns,
        samples_per_pixel=3,
        photometric_interpretation="RGB",
    )


def _header(path: str, recall: Recall | None) -> RawHeader:
    """Return the header of a file. Raise NotDicomError or UnreadableError."""
    try:
        with Descriptor(path) as source:
            size = source.size
            header = scan(source, size, recall)
    except OSError as error:
        raise UnreadableError(path, f"it cannot be read: {error.strerror or 'input error'}") from None
    return header or parse(path, size)


def _not_dicom(path: str) -> Outcome:
    try:
        empty = Path(path).stat().st_size == 0
    except OSError:
        empty = False
    what = "an empty file" if empty else "not a DICOM file"
    if path.lower().endswith(DICOM_SUFFIXES):
        return Refused(path, f"{what}, although its name says so")
    return Skipped(path, what)


def _unusable(header: RawHeader, alike: "_Alike", instance_uid: str) -> str:
    """Return why an object cannot be used, "" when it can."""
    of, study_uid = alike.of, alike.record.series.study.study_instance_uid
    what = of.name if of.uid else "DICOM object"
    if header.damage and not (instance_uid and study_uid):
        return f"{header.damage}, before the attributes that say what it is"
    if not instance_uid:
        return f"{what} without a SOP Instance UID: nothing tells it from others"
    if len(instance_uid) > LONGEST_UID or not (instance_uid.isascii() and instance_uid.isprintable()):
        return f"{what} whose SOP Instance UID is not a UID"
    if not study_uid and not alike.shows_pixels:
        return f"{what} without a Study Instance UID: it belongs to no study"
    if header.damage and of.has_pixels:
        return f"{header.damage}, before the pixel data"
    return ""


def _record(
    path: str, header: RawHeader, values: Values, alike: "_Alike", instance_uid: str
) -> InstanceRecord:
    like = alike.record
    frames, notes = _frames(header, alike.frames)
    if alike.shows_pixels:
        notes += _pixel_notes(header, alike.pixel_bits, frames)
    elif alike.of.has_pixels and not header.damage:
        notes.append("Rows or Columns are missing or damaged" if header.pixels else "it has no pixel data")
    if header.damage:
        notes.append(header.damage)
    return InstanceRecord(
        instance_uid,
        like.sop_class_uid,
        like.series,
        path,
        like.transfer_syntax_uid,
        instance_number=values.integer(0x00200013),
        number_of_frames=frames,
        rows=like.rows,
        columns=like.columns,
        samples_per_pixel=like.samples_per_pixel,
        photometric_interpretation=like.photometric_interpretation,
        image_type=like.image_type,
        image_position_patient=values.decimals(POSITION, 3),
        image_orientation_patient=like.image_orientation_patient,
        pixel_spacing=like.pixel_spacing,
        frame_of_reference_uid=like.frame_of_reference_uid,
        acquisition_number=like.acquisition_number,
        temporal_position_identifier=like.temporal_position_identifier,
        trigger_time=values.decimal(0x00181060),
        echo_time=like.echo_time,
        diffusion_b_value=like.diffusion_b_value,
        acquisition_time=values.code(0x00080032),
        content_time=values.code(0x00080033),
        concatenation_uid=like.concatenation_uid,
        frame_offset=values.unsigned_long(0x00209228) or 0,
        referenced_instance_uids=_referenced(header, alike.of),
        note="; ".join(notes),
    )


@dataclass(frozen=True, slots=True)
class _Alike:
    """What the images of a series usually say alike."""

    record: InstanceRecord  # of no instance
    of: SopClass
    directory: bool
    shows_pixels: bool
    frames: int | None  # as it is said
    pixel_bits: int  # of one frame


_OF_ONE = (META_INSTANCE, 0x00080018, 0x00080032, 0x00080033, 0x00181060, 0x00200013, POSITION, 0x00209228)
_ALIKE = tuple(tag for tag in (META_CLASS, META_SYNTAX, *TOP_LEVEL) if tag not in _OF_ONE)


@lru_cache(32)  # each holds at most 40 values of 64 KB
def _alike(raw: tuple[bytes | None, ...], charsets: tuple[str, ...], *, big_endian: bool) -> _Alike:
    """Return what the raw values of `_ALIKE` mean: decoded once for all headers that share them."""
    present = {tag: value for tag, value in zip(_ALIKE, raw, strict=True) if value is not None}
    values = Values(present, charsets, big_endian)
    meta_class = values.code(META_CLASS)
    class_uid = values.code(0x00080016) or meta_class
    record = InstanceRecord(
        sop_instance_uid="",
        sop_class_uid=class_uid,
        series=_series(values),
        path="",
        transfer_syntax_uid=present.get(META_SYNTAX, b"").decode("latin-1").strip("\0 "),
        rows=values.unsigned(0x00280010),
        columns=values.unsigned(0x00280011),
        samples_per_pixel=values.unsigned(0x00280002) or 1,
        photometric_interpretation=values.code(0x00280004),
        image_type=values.codes(0x00080008),
        image_orientation_patient=values.decimals(ORIENTATION, 6),
        pixel_spacing=values.decimals(SPACING, 2),
        frame_of_reference_uid=values.code(0x00200052),
        acquisition_number=values.integer(0x00200012),
        temporal_position_identifier=values.integer(0x00200100),
        echo_time=values.decimal(0x00180081),
        diffusion_b_value=_b_value(values),
        concatenation_uid=values.code(0x00209161),
    )
    of = sop_class(class_uid)
    described = bool(record.rows and record.columns)  # private classes are pictures if they describe pixels
    picture = of.has_pixels or (of.kind is Kind.OTHER and bool(record.photometric_interpretation))
    directory = MEDIA_DIRECTORY in {class_uid, meta_class}
    frames, bits = values.integer(0x00280008), _bits_of_a_frame(record, values)
    return _Alike(record, of, directory, described and picture, frames, bits)


def _meaning(header: RawHeader) -> tuple[Values, _Alike]:
    """Return the values of a header and what they mean, as far as headers of its pattern mean the same."""
    pattern = header.pattern
    if pattern is not None and isinstance(pattern.meaning, _Meaning):
        return Values(header.values, pattern.meaning.charsets, big_endian=False), pattern.meaning.alike
    values = values_of(header)
    alike = _alike(tuple(map(header.values.get, _ALIKE)), values.charsets, big_endian=values.big_endian)
    if pattern is not None and pattern.varying.issubset(_OF_ONE):
        pattern.meaning = _Meaning(values.charsets, alike)
    return values, alike


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What the constant values of a pattern mean."""

    charsets: tuple[str, ...]
    alike: _Alike


def _series(values: Values) -> SeriesRecord:
    patient = PatientRecord(
        patient_name=values.name(0x00100010),
        patient_id=values.text(0x00100020),
        issuer_of_patient_id=values.text(0x00100021),
        patient_birth_date=values.code(0x00100030),
        patient_sex=values.code(0x00100040),
    )
    study = StudyRecord(
        study_instance_uid=values.code(0x0020000D),
        patient=patient,
        study_date=values.code(0x00080020),
        study_time=values.code(0x00080030),
        study_description=values.text(0x00081030),
        accession_number=values.text(0x00080050),
    )
    return SeriesRecord(
        series_instance_uid=values.code(0x0020000E),
        study=study,
        modality=values.code(0x00080060),
        series_number=values.integer(0x00200011),
        series_description=values.text(0x0008103E),
        body_part_examined=values.code(0x00180015),
        laterality=values.code(0x00200060),
    )


def _frames(header: RawHeader, claimed: int | None) -> tuple[int, list[str]]:
    """Return the number of frames, as far as the file can hold them, and what is to be said about it."""
    if claimed is None or claimed < 1:
        return 1, []
    most = min(MOST_FRAMES, 8 * header.available + 1 if header.available is not None else MOST_FRAMES)
    if claimed > most:  # a pixel has a bit at least
        return 1, [f"Number of Frames says {claimed}, more than the file can hold"]
    return claimed, []


def _pixel_notes(header: RawHeader, bits: int, frames: int) -> list[str]:
    """Return what is missing of the Pixel Data, as far as it can be told without reading them."""
    if header.damage:
        return []
    mark = header.pixels
    if mark is None or mark.length == 0:
        return ["it has no pixel data"]
    if mark.length is None or header.available is None:
        return []
    present = header.available - mark.offset
    if present < mark.length:
        return [f"the file is cut off: {max(present, 0)} of {mark.length} bytes of its pixel data are there"]
    wanted = (bits * frames + 7) // 8
    if mark.length < wanted:
        return [f"its pixel data have {mark.length} bytes where Rows, Columns and frames need {wanted}"]
    return []


def _bits_of_a_frame(record: InstanceRecord, values: Values) -> int:
    """Return how many bits uncompressed pixels of one frame need (PS3.5 8.1.1)."""
    samples = record.samples_per_pixel
    if record.photometric_interpretation == "YBR_FULL_422":
        samples = 2  # two samples of colour serve two pixels
    return (record.rows or 0) * (record.columns or 0) * samples * (values.unsigned(0x00280100) or 8)


def _b_value(values: Values) -> float | None:
    """Return the diffusion b-value in s/mm², from the standard attribute or the vendor's own."""
    standard = values.floating(0x00189087)
    if standard is not None:
        return standard
    if values.code(0x00190010) == "SIEMENS MR HEADER":
        return values.decimal(0x0019100C)
    if values.code(0x20010010).upper() == "PHILIPS IMAGING DD 001":
        return values.floating(0x20011003)
    if values.code(0x00430010) == "GEMS_PARM_01":
        number = values.decimal(0x00431039)
        return number % 1e9 if number is not None else None  # GE adds 10⁹ for some sequences
    return None


def _referenced(header: RawHeader, of: SopClass) -> tuple[str, ...]:
    if not header.referenced or of.kind is not Kind.PRESENTATION_STATE:
        return ()
    uids = (uid.decode("latin-1").strip("\0 ") for uid in header.referenced)
    return tuple(dict.fromkeys(uid for uid in uids if uid))
