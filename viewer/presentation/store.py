"""Where a reader's own presentation states live: one file each, written once and never changed."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydicom import Dataset

from viewer.annotations.shapes import Annotation, new_uid
from viewer.dicom.image import ImageDescription
from viewer.dicom.read import read_header
from viewer.errors import ViewerError
from viewer.paths import data_folder
from viewer.presentation.gsps_writer import InstanceSource, save, write
from viewer.presentation.state import Content, PresentationState, Shown, states_of

FOLDER = "presentation-states"


def find_states(study_uid: str, besides: Iterable[str] = ()) -> list[Path]:
    """Return the files of the states of a study, the oldest first; none is no error.

    Those whose SOP Instance UID is among `besides` are left out: they were found in another place already.
    """
    folder = _folder(study_uid)
    if not folder.is_dir():
        return []
    known = {_hash(uid) for uid in besides}
    files = [path for path in folder.glob("[!.]*.dcm") if path.stem not in known]
    return sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name))


def save_state(
    state: PresentationState, sources: Sequence[InstanceSource], labels: Mapping[str, str] | None = None
) -> Path:
    """Write a state into a new file and return it; `labels` as `write` has them. Raises ViewerError."""
    study_uid = str(sources[0].header.get("StudyInstanceUID", "")) if sources else ""
    number = len(find_states(study_uid)) + 1
    dataset = write(state, sources, number, labels)
    path = _folder(study_uid) / f"{_hash(state.uid)}.dcm"
    if path.exists():
        raise ViewerError("This presentation state is saved already: a saved one is never changed.")
    save(dataset, path)
    return path


def save_view(
    shown: Sequence[Shown],
    annotations: Iterable[Annotation],
    content: Content,
    header_of: Callable[[str], Dataset],
    labels: Mapping[str, str] | None = None,
) -> list[Path]:
    """Save how frames of one study are seen and what is drawn on them; return the new files.

    `shown` are the frames to save, those with annotations among them. `header_of` returns the header of
    an image by its SOP Instance UID, `labels` say what stands beside annotations, by UID. Every series,
    and frames that cannot share a state, get states of
    their own. Nothing is written unless all of it can be. Raises ViewerError with the reason.
    """
    images: dict[str, list[ImageDescription]] = {}
    for item in shown:
        images.setdefault(item.image.key.sop_instance_uid, []).append(item.image)
    if not images:
        raise ViewerError("There is no image to save a presentation state for.")
    sources = {uid: InstanceSource(header_of(uid), tuple(found)) for uid, found in images.items()}
    study_uid = str(next(iter(sources.values())).header.get("StudyInstanceUID", ""))
    content = replace(content, created=content.created or datetime.now(UTC).astimezone())
    own_series, drawn = _series_uid(study_uid), tuple(annotations)
    states = [
        state
        for items in _by_series(shown, sources)
        for state in states_of(items, drawn, content, own_series)
    ]
    pairs = [(state, [sources[item.sop_instance_uid] for item in state.references]) for state in states]
    for state, used in pairs:
        write(state, used, labels=labels)
    return [save_state(state, used, labels) for state, used in pairs]


def _by_series(shown: Sequence[Shown], sources: Mapping[str, InstanceSource]) -> list[list[Shown]]:
    """Return the frames of each series: many receivers expect a state to be about one."""
    found: dict[str, list[Shown]] = {}
    for item in shown:
        header = sources[item.image.key.sop_instance_uid].header
        found.setdefault(str(header.get("SeriesInstanceUID", "")), []).append(item)
    return list(found.values())


def _series_uid(study_uid: str) -> str:
    """Return the series of our own states of a study: that of the first one, else a new one."""
    for path in find_states(study_uid):
        try:
            return str(read_header(str(path)).SeriesInstanceUID)
        except (ViewerError, AttributeError):
            continue  # damaged: it stays where it is, and does not keep a new one from being saved
    return new_uid()


def _folder(study_uid: str) -> Path:
    return data_folder() / FOLDER / _hash(study_uid)


def _hash(uid: str) -> str:
    """Return a file name that no UID from outside can choose."""
    return hashlib.sha256(uid.encode()).hexdigest()
