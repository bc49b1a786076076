"""What a list of studies says of one, in words and numbers for a person."""

from collections.abc import Callable
from datetime import datetime, timedelta

from viewer.cache.study_list import ListedStudy
from viewer.dicom.text import date, person_name, printable, time
from viewer.viewing.persons import NAMELESS
from viewer.viewing.remote_studies import RemoteStudy
from viewer.viewing.study_source import Column

KILO = 1000
UNITS = ("bytes", "kB", "MB", "GB", "TB")
NO_LETTERS = "—"
NOT_HERE = "not here"
PARTLY = "Some of its images are on this computer; Enter opens them and fetches the others."
HERE_TIPS = {
    0.0: "None of it is on this computer. Enter fetches it, and opens it as its images come.",
    1.0: "All of it is on this computer: it is opened without asking the peer.",
}

Lines = tuple[str, str]


def patient(study: ListedStudy) -> Lines:
    """Return the name in all its scripts, and ID, birth date and sex."""
    who = study.record.patient
    born = date(who.patient_birth_date)
    facts = (printable(who.patient_id), f"born {born}" if born else "", printable(who.patient_sex))
    return person_name(who.patient_name) or NAMELESS, "   ".join(fact for fact in facts if fact)


def expected(study: ListedStudy) -> int:
    """Return how many images the study should have, as far as is known."""
    return max(study.expected_instances or 0, study.instances)


def is_short(study: ListedStudy) -> bool:
    """Tell whether images of a study are known to be missing."""
    return study.instances - study.missing < expected(study)


def images(study: ListedStudy) -> Lines:
    """Return "1,238 of 1,240" where some are missing, else "135"; and the number of series."""
    if isinstance(study, RemoteStudy):
        series = counted(study.series, "series", "series") if study.series else ""
        return f"{study.instances:,}" if study.instances else NO_LETTERS, series
    here = study.instances - study.missing
    of = f" of {expected(study):,}" if is_short(study) else ""
    return f"{here:,}{of}", counted(study.series, "series", "series")


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def size(count: int) -> str:
    """Return a number of bytes as "123 MB", with three figures that count."""
    value, unit = float(count), UNITS[0]
    for larger in UNITS[1:]:
        if value < KILO:
            break
        value, unit = value / KILO, larger
    digits = 1 if value < 10 and unit != UNITS[0] else 0  # noqa: PLR2004  9.4 MB, but 12 MB
    return f"{value:,.{digits}f} {unit}"


def moment(seconds: float | None) -> Lines:
    """Return a time of this computer as day and time of day; "—" for never."""
    if seconds is None:
        return NO_LETTERS, ""
    when, today = datetime.fromtimestamp(seconds).astimezone(), datetime.now().astimezone().date()
    days = {today: "Today", today - timedelta(days=1): "Yesterday"}
    return days.get(when.date(), f"{when:%Y-%m-%d}"), f"{when:%H:%M}"


def here(study: ListedStudy) -> Lines:
    """Return whether a study of a peer is on this computer: "not here", "12 of 240", "complete"."""
    if not isinstance(study, RemoteStudy) or not study.here.keys:
        return NOT_HERE, ""
    if study.complete:
        return "complete", ""
    told = study.told or study.here.expected
    return (f"{study.here.instances:,} of {told:,}" if told else f"{study.here.instances:,} images"), "partly"


def here_part(study: ListedStudy) -> float:
    """Return how much of a study of a peer is on this computer, from 0 to 1."""
    if not isinstance(study, RemoteStudy) or not study.here.keys:
        return 0.0
    if study.complete:
        return 1.0
    told = study.told or study.here.expected or 2 * study.here.instances
    return min(study.here.instances / max(told, 1), 0.95)


def troubles(study: ListedStudy) -> list[str]:
    """Return what is wrong with a study, a sentence each."""
    if isinstance(study, RemoteStudy):
        return _disagreement(study)
    found = []
    if study.missing:
        what = "image has no whole file" if study.missing == 1 else "images have no whole file"
        found.append(f"{study.missing:,} {what} any more.")
    fewer = (study.expected_instances or 0) - study.instances
    if fewer > 0:
        found.append(f"{fewer:,} of {study.expected_instances:,} images that the sender has did not come.")
    if study.conflicts:
        what = "file has" if study.conflicts == 1 else "files have"
        found.append(
            f"{study.conflicts:,} more {what} the UID of one of these images and other content;"
            " kept, and not shown."
        )
    if study.patients > 1:
        found.append(
            f"Studies of {study.patients:,} patients have this Study Instance UID: somebody mixed them up;"
            " they are kept apart."
        )
    return found


def _disagreement(study: RemoteStudy) -> list[str]:
    """Return a sentence where peers do not say the same number of images."""
    counts = {one.instances for one in study.peers if one.instances is not None}
    if len(counts) < 2:  # noqa: PLR2004  two that differ
        return []
    said = ", ".join(f"{printable(one.name)} {one.instances:,}" for one in study.peers if one.instances)
    return [f"The peers do not say the same number of images: {said}."]


def lines(study: ListedStudy, column: Column) -> Lines:
    """Return what stands in a column: a line, and a quieter one below it."""
    return WORDS[column](study)


def tip(study: ListedStudy, column: Column) -> str:
    """Return everything that a cell says, uncut, and in the first one all that is known of who it is."""
    said = [line for line in lines(study, column) if line and line != NO_LETTERS]
    if column is Column.IMAGES:
        said += troubles(study)
    if column is Column.HERE:
        said.append(HERE_TIPS.get(here_part(study), PARTLY))
    if column is Column.BYTES:
        said.append(counted(study.bytes, "byte", "bytes"))
    if column is Column.PATIENT:
        issuer = printable(study.record.patient.issuer_of_patient_id)
        said += [f"ID issued by {issuer}"] if issuer else []
        said += ["Pinned: never removed to make room"] if study.pinned else []
    return "\n".join(said)


def spoken(study: ListedStudy) -> str:
    """Return the row as a screen reader says it."""
    columns = [column for column in Column if (column is Column.HERE) <= isinstance(study, RemoteStudy)]
    parts = [line for column in columns for line in lines(study, column) if line and line != NO_LETTERS]
    return ", ".join([*parts, *troubles(study)])


def _series_date(study: ListedStudy) -> Lines:
    record = study.record
    clock = time(record.study_time) if record.study_time else ""
    return date(record.study_date) or "No date", clock[:5]


WORDS: dict[Column, Callable[[ListedStudy], Lines]] = {
    Column.PATIENT: patient,
    Column.DATE: _series_date,
    Column.MODALITIES: lambda study: (printable(", ".join(study.modalities)), ""),
    Column.DESCRIPTION: lambda study: (printable(study.record.study_description), ""),
    Column.ACCESSION: lambda study: (printable(study.record.accession_number), ""),
    Column.IMAGES: images,
    Column.BYTES: lambda study: (size(study.bytes), ""),
    Column.SOURCE: lambda study: (printable(study.source), ""),
    Column.OPENED: lambda study: moment(study.opened_at),
    Column.HERE: here,
}
