"""What a reader looks for, as the keys that a peer compares (PS3.4 C.2.2.2)."""

import re
from dataclasses import replace

from viewer.cache.search import has_wildcards
from viewer.cache.study_list import StudyFilter
from viewer.network.query import Query

_UID = re.compile(r"[012](\.\d+){3,}")  # PS3.5 9.1, and no date or version
_NUMBER = re.compile(r"(?=.*\d)[^\s,^]+")  # a word with a digit: no name has one


def queries(asked: StudyFilter) -> tuple[Query, ...]:
    """Return the queries whose answers together are what is looked for.

    In the free text a word with a digit is a Patient ID or an Accession Number, a UID a study; everything
    else is a name from its beginning. Two words may be given and family name in either order.
    """
    base = Query(
        patient_name=asked.patient_name.strip(),
        patient_id=asked.patient_id.strip(),
        issuer_of_patient_id=asked.issuer_of_patient_id,
        accession_number=asked.accession_number.strip(),
        study_description=_anywhere(asked.study_description.strip()),
        date_from=asked.date_from,
        date_to=asked.date_to,
        modalities=asked.modalities,
    )
    words = asked.text.split()
    uids = [word for word in words if _UID.fullmatch(word)]
    if uids:
        return (replace(base, study_instance_uid="\\".join(uids)),)
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    names = " ".join(word for word in words if word not in numbers)
    named = [replace(base, patient_name=name) for name in _names(names)] if names else [base]
    return tuple(both for one in named for both in _numbered(one, numbers))


def _names(text: str) -> tuple[str, ...]:
    """Return patterns for a name: whatever stands between its words, and two words in either order."""
    if "," in text or "^" in text:
        return (text,)
    words = text.split()
    straight = "*".join(words)
    return (straight, "*".join(reversed(words))) if len(words) == 2 else (straight,)  # noqa: PLR2004  given, family


def _numbered(query: Query, numbers: list[str]) -> tuple[Query, ...]:
    """Return a query for a number as Patient ID and one for it as Accession Number."""
    if not numbers:
        return (query,)
    first = numbers[0]
    if len(numbers) > 1:  # the ID of somebody, and of an examination
        return (replace(query, patient_id=first, accession_number=numbers[1]),)
    return (replace(query, patient_id=first), replace(query, accession_number=first))


def _anywhere(text: str) -> str:
    return text if not text or has_wildcards(text) else f"*{text}*"
