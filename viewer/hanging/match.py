"""Which protocol is for a study, and what hangs in its slots. Pure functions of values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from viewer.dicom.view import View
from viewer.hanging.protocol import OLDEST, Conditions, Protocol, Slot, Stage

Hung = tuple[int, int | None]  # a candidate, and one of its images; None: all of them

AFTER = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (2, 2), 5: (2, 3), 6: (2, 3)}  # grids that are closed up


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stack that can hang, as far as conditions ask."""

    number: int  # what the caller knows it by
    modality: str = ""
    body_part: str = ""
    description: str = ""
    study_description: str = ""
    laterality: str = ""
    plane: str = ""  # "" where it has none, or several
    kind: str = ""
    contrast: bool | None = None  # None: not known
    study: int = 0  # 0: the one to be read; 1, 2 ...: earlier ones of the patient, the latest first
    views: tuple[View | None, ...] = ()  # of each image, None where not known; (): not asked for


@dataclass(frozen=True, slots=True)
class Hanging:
    """What hangs in a slot."""

    slot: Slot
    number: int  # of the candidate
    images: tuple[int, ...] = ()  # which of its images, from 0; (): all


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a protocol is for a study, and why, in words."""

    protocol: Protocol
    fits: bool
    words: str


def choose(candidates: Sequence[Candidate], protocols: Iterable[Protocol]) -> Protocol | None:
    """Return the protocol for a study: all it asks for holds; of several, that which asks for most."""
    fitting = [verdict.protocol for verdict in ranked(candidates, protocols) if verdict.fits]
    return fitting[0] if fitting else None


def ranked(candidates: Sequence[Candidate], protocols: Iterable[Protocol]) -> list[Verdict]:
    """Return all protocols, those that fit first, and of them those that ask for most; else in order."""
    verdicts = [_verdict(candidates, protocol) for protocol in protocols]
    return sorted(verdicts, key=lambda verdict: (not verdict.fits, -verdict.protocol.count))


def _verdict(candidates: Sequence[Candidate], protocol: Protocol) -> Verdict:
    here = [candidate for candidate in candidates if candidate.study == 0]
    missing = [each for each in protocol.when if not _found(here, each)]
    if missing:
        return Verdict(protocol, fits=False, words=f"no series with {_in_words(missing[0])}")
    words = " and ".join(_in_words(each) for each in protocol.when if each.count)
    return Verdict(protocol, fits=True, words=words or "for any study")


def may_need(candidates: Sequence[Candidate], protocols: Iterable[Protocol]) -> tuple[bool, bool]:
    """Tell whether views, and whether contrast media, must be known before one can choose and hang.

    Protocols that the series rule out already need nothing.
    """
    views = contrast = False
    for protocol in protocols:
        possible = all(_found(candidates, each, blindly=True) for each in protocol.when)
        if possible:
            views = views or protocol.about_images
            contrast = contrast or any(each.contrast is not None for each in protocol.conditions)
    return views, contrast


def hang(protocol: Protocol, number: int, candidates: Sequence[Candidate]) -> tuple[Hanging | None, ...]:
    """Return what hangs in each slot of stage `number`, None for nothing.

    Slots are filled in order; a stack, or an image of one, hangs once unless a slot allows a repeat.
    """
    stage = protocol.stages[number]
    studies = comparable(protocol, candidates)
    earlier = range(number if any(slot.rest for slot in stage.slots) else 0)
    before = {each for stage_before in earlier for each in _hung(hang(protocol, stage_before, candidates))}
    used: set[Hung] = set()
    found = []
    for slot in stage.slots:
        wanted = _study(slot, studies)
        here = [candidate for candidate in candidates if candidate.study == wanted]
        hanging = _fill(slot, here, used | before if slot.rest else used)
        found.append(hanging)
        used |= _hung([hanging])
    return tuple(found)


def _hung(hangings: Iterable[Hanging | None]) -> set[Hung]:
    some = (hanging for hanging in hangings if hanging is not None)
    return {(hanging.number, image) for hanging in some for image in hanging.images or (None,)}


def comparable(protocol: Protocol, candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """Return the earlier studies for which the protocol is too, the latest first."""
    earlier = sorted({candidate.study for candidate in candidates if candidate.study > 0})
    by_study = {study: [each for each in candidates if each.study == study] for study in earlier}
    return tuple(study for study in earlier if all(_found(by_study[study], each) for each in protocol.when))


def grid(stage: Stage, hangings: Sequence[Hanging | None]) -> tuple[int, int]:
    """Return rows and columns for what hangs: those of the stage, or fewer where it is closed up."""
    count = sum(hanging is not None for hanging in hangings)
    if not stage.close_up or count == 0:
        return stage.rows, stage.columns
    rows, columns = AFTER.get(count, (stage.rows, stage.columns))
    return (rows, columns) if rows * columns < stage.rows * stage.columns else (stage.rows, stage.columns)


def _study(slot: Slot, comparable_studies: Sequence[int]) -> int | None:
    if slot.empty:
        return None
    if slot.prior == 0:
        return 0
    if slot.prior == OLDEST:
        return comparable_studies[-1] if comparable_studies else None
    return comparable_studies[slot.prior - 1] if slot.prior <= len(comparable_studies) else None


def _fill(slot: Slot, candidates: Sequence[Candidate], used: set[Hung]) -> Hanging | None:
    for conditions in slot.where:
        for candidate in candidates:
            images = images_that(conditions, candidate)
            if images is None:
                continue
            if not slot.repeat:
                images = _unused(candidate, images, used)
            if images is not None:
                return Hanging(slot, candidate.number, images)
    return None


def _unused(candidate: Candidate, images: tuple[int, ...], used: set[Hung]) -> tuple[int, ...] | None:
    """Return which of the images do not hang yet, None when all do."""
    hanging = {image for number, image in used if number == candidate.number}
    if not hanging:
        return images
    if None in hanging:
        return None
    all_of_them = images or range(len(candidate.views))
    return tuple(image for image in all_of_them if image not in hanging) or None


def images_that(conditions: Conditions, candidate: Candidate) -> tuple[int, ...] | None:
    """Return which images of a stack conditions mean, () for all; None when the stack is not meant."""
    if not _stack_fits(conditions, candidate):
        return None
    if not conditions.about_images:
        return ()
    views = candidate.views or (View(),)
    meant = tuple(number for number, view in enumerate(views) if _view_fits(conditions, view, candidate))
    if not meant:
        return None
    return () if not candidate.views or len(meant) == len(views) else meant


def _found(candidates: Iterable[Candidate], conditions: Conditions, *, blindly: bool = False) -> bool:
    """Tell whether there is a stack of which all holds; `blindly` leaves out what is not known yet."""
    if blindly:
        return any(_stack_fits(conditions, candidate, blindly=True) for candidate in candidates)
    return any(images_that(conditions, candidate) is not None for candidate in candidates)


def _stack_fits(conditions: Conditions, candidate: Candidate, *, blindly: bool = False) -> bool:
    words = (
        (conditions.modality, candidate.modality),
        (conditions.body_part, candidate.body_part),
        (conditions.description, candidate.description),
        (conditions.study_description, candidate.study_description),
        (conditions.plane, candidate.plane),
        (conditions.kind, candidate.kind),
    )
    if not all(_fits(patterns, word) for patterns, word in words):
        return False
    return blindly or conditions.contrast in {None, candidate.contrast}


def _view_fits(conditions: Conditions, view: View | None, candidate: Candidate) -> bool:
    known = view or View()
    side = known.laterality or candidate.laterality
    if conditions.plain is not None and (view is None or known.plain != conditions.plain):
        return False
    return _fits(conditions.view, known.name) and _fits(conditions.laterality, side)


def _fits(patterns: tuple[str, ...], word: str) -> bool:
    folded = word.casefold()
    plain = (pattern.casefold().replace("[", "[[]") for pattern in patterns)  # a bracket is no wildcard here
    return not patterns or any(fnmatchcase(folded, pattern) for pattern in plain)


def _in_words(conditions: Conditions) -> str:
    """Return conditions for a person: "modality CT, body part CHEST"."""
    lists = {
        "modality": conditions.modality,
        "body part": conditions.body_part,
        "description": conditions.description,
        "study description": conditions.study_description,
        "view": conditions.view,
        "laterality": conditions.laterality,
        "plane": conditions.plane,
        "kind": conditions.kind,
    }
    words = [f"{name} {' or '.join(values)}" for name, values in lists.items() if values]
    if conditions.contrast is not None:
        words.append("contrast medium" if conditions.contrast else "no contrast medium")
    if conditions.plain is not None:
        words.append("plain views" if conditions.plain else "special views")
    return ", ".join(words)
