"""A structured report as text that a person reads (PS3.3 C.17.3): the content tree, indented.

Nothing is interpreted beyond what the standard says of every report: names, values, units, codes, dates,
references in words. An item that cannot be read says so in its place; the others are read.
"""

from collections.abc import Callable, Mapping

from pydicom.dataset import Dataset

from viewer.dicom.header import Header, Notices
from viewer.dicom.outline import Outline, count
from viewer.dicom.text import date, person_name, time
from viewer.dicom.uids import sop_class

DEEPEST = 64  # levels of content items; the standard's own templates stay below 20
MOST_ITEMS = 50_000  # content items of one report
LONGEST_TEXT = 65_536  # characters of one TEXT item
MOST_POINTS = 4  # coordinates that are written out; more are counted
NO_UNIT = {"no units", "no unit", "unity", "1"}  # what the unit 1 is called
MOST_FRAMES = 8  # frame numbers of one reference that are written out

# Relationship Type (PS3.3 C.17.3.2.4) as words before an item; what is contained needs none.
RELATIONSHIPS: Mapping[str, str] = {
    "": "",  # the document itself
    "CONTAINS": "",
    "HAS PROPERTIES": "",
    "HAS OBS CONTEXT": "context: ",
    "HAS ACQ CONTEXT": "acquisition: ",
    "HAS CONCEPT MOD": "modifier: ",
    "INFERRED FROM": "inferred from: ",
    "SELECTED FROM": "on: ",
}
# What a value type is called where an item has no concept name.
TYPES: Mapping[str, str] = {
    "CONTAINER": "Section",
    "TEXT": "Text",
    "NUM": "Number",
    "CODE": "Code",
    "DATETIME": "Date and time",
    "DATE": "Date",
    "TIME": "Time",
    "UIDREF": "UID",
    "PNAME": "Person",
    "COMPOSITE": "Object",
    "IMAGE": "Image",
    "WAVEFORM": "Waveform",
    "SCOORD": "Region",
    "SCOORD3D": "Region in space",
    "TCOORD": "Time range",
    "TABLE": "Table",
}


def write_report(header: Header, outline: Outline) -> None:
    """Add a whole report: who finished it and when, then its content tree."""
    outline.fact("Completion", _lower(header, "CompletionFlag"))
    outline.fact("Verification", _lower(header, "VerificationFlag"))
    for observer in header.items("VerifyingObserverSequence"):
        name = person_name(observer.text("VerifyingObserverName"))
        moment = date_time(observer.text("VerificationDateTime"))
        outline.fact(
            "Verified by", ", ".join(filter(None, (name, observer.text("VerifyingOrganization"), moment)))
        )
    outline.add("")
    _Tree(outline).write(header)


def code(item: Header | None) -> str:
    """Return what a code means in words (PS3.3 8), else the code itself."""
    if item is None:
        return ""
    value = item.text("CodeValue") or item.text("LongCodeValue") or item.text("URNCodeValue")
    scheme = item.text("CodingSchemeDesignator")
    return item.text("CodeMeaning") or (f"{value} ({scheme})" if scheme else value)


def date_time(value: str) -> str:
    """Return a DT (YYYYMMDDHHMMSS.F&ZZXX) as "2026-11-22 10:11:12 +0100"."""
    digits, sign, zone = value.strip(), "", ""
    for mark in "+-":
        if mark in digits[8:]:
            digits, sign, zone = digits.rpartition(mark)
            break
    day, moment = digits[:8], digits[8:]
    return " ".join(filter(None, (date(day), time(moment) if moment else "", sign + zone)))


class _Tree:
    """Writes content items depth first, without recursion: a report may be nested as deep as it likes."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline

    def write(self, root: Header) -> None:
        """Write an item and all below it."""
        waiting: list[tuple[Header, int, str]] = [(root, 0, "")]
        for _ in range(MOST_ITEMS):
            if not waiting or self._outline.full:
                return
            item, depth, number = waiting.pop()
            self._item(item, depth)
            children = item.items("ContentSequence")
            if children and depth >= DEEPEST:
                self._outline.add("… what is nested deeper is left out.", depth + 1)
                continue
            below = [(child, depth + 1, f"{number}.{place}") for place, child in enumerate(children, 1)]
            waiting.extend(reversed(below))
        self._outline.add("… further items are left out: there are too many.")

    def _item(self, item: Header, depth: int) -> None:
        relationship = item.code("RelationshipType")
        before = RELATIONSHIPS.get(relationship, f"{relationship.lower()}: ")
        kind = item.code("ValueType")
        concept = code(item.item("ConceptNameCodeSequence"))
        if not kind and "ReferencedContentItemIdentifier" in item:
            place = ".".join(str(number) for number in item.values("ReferencedContentItemIdentifier"))
            self._outline.add(f"{before}see item {place}", depth)
            return
        value = VALUES.get(kind, _unknown)(item)
        name = concept or TYPES.get(kind, "Item")
        if kind == "CONTAINER":
            self._outline.add(f"{before}{name}", depth)
        else:
            self._outline.fact(f"{before}{name}", value or "(empty)", depth)


def _unknown(item: Header) -> str:
    kind = item.text("ValueType")
    return f"(an item of the unknown type {kind})" if kind else "(an item without a type)"


def _text(item: Header) -> str:
    value = item.value("TextValue")
    text = value if isinstance(value, str) else "\\".join(map(str, item.values("TextValue")))
    return text[:LONGEST_TEXT] + ("…" if len(text) > LONGEST_TEXT else "")


def _number(item: Header) -> str:
    measured = item.item("MeasuredValueSequence")
    reason = code(item.item("NumericValueQualifierCodeSequence"))
    if measured is None:
        return f"(no value{': ' * bool(reason)}{reason})"
    number = measured.text("NumericValue")
    if not number and "FloatingPointValue" in measured:
        number = measured.text("FloatingPointValue")
    unit = measured.item("MeasurementUnitsCodeSequence")
    symbol = unit.text("CodeValue") if unit is not None else ""
    words = symbol if _reads_well(symbol) else _without_nothing(code(unit))
    return " ".join(filter(None, (number or "(no value)", words, f"({reason})" if reason else "")))


def _reads_well(symbol: str) -> bool:
    """Tell whether a UCUM symbol is what people write: mm, g/ml; not 1, [hnsf'U] or {counts}."""
    return symbol not in {"", "1"} and not any(mark in symbol for mark in "[]{}'*")


def _without_nothing(unit: str) -> str:
    return "" if unit.lower() in NO_UNIT else unit


def _code_value(item: Header) -> str:
    return code(item.item("ConceptCodeSequence"))


def _reference(item: Header) -> str:
    return "; ".join(filter(None, map(_referenced, item.items("ReferencedSOPSequence"))))


def _referenced(item: Header) -> str:
    """Return one reference in words: "CT Image, frames 1, 2, 3 (1.2.3)"."""
    what = sop_class(item.text("ReferencedSOPClassUID")).name
    frames = [str(number) for number in item.values("ReferencedFrameNumber")]
    words = [what]
    if frames:
        shown = ", ".join(frames[:MOST_FRAMES]) + (" …" if len(frames) > MOST_FRAMES else "")
        words.append(f"frame{'s' * (len(frames) > 1)} {shown}")
    segments = [str(number) for number in item.values("ReferencedSegmentNumber")]
    if segments:
        words.append(f"segment{'s' * (len(segments) > 1)} {', '.join(segments[:MOST_FRAMES])}")
    channels = item.values("ReferencedWaveformChannels")
    if channels:
        words.append(f"channels {', '.join(str(number) for number in channels[: 2 * MOST_FRAMES])}")
    uid = item.text("ReferencedSOPInstanceUID")
    return ", ".join(words) + (f" ({uid})" if uid else "")


def _region(item: Header) -> str:
    return _graphic(item, 2, "pixels")


def _region_in_space(item: Header) -> str:
    return _graphic(item, 3, "mm")


def _graphic(item: Header, dimensions: int, unit: str) -> str:
    """Return a graphic in words, with its points where they are few."""
    numbers = item.numbers("GraphicData")
    points = [numbers[start : start + dimensions] for start in range(0, len(numbers), dimensions)]
    kind = item.text("GraphicType").lower() or "graphic"
    if len(points) > MOST_POINTS:
        return f"{kind}, {count(len(points), 'point')}"
    shown = "; ".join(", ".join("?" if x is None else f"{x:g}" for x in point) for point in points)
    return f"{kind} at {shown} {unit}" if shown else kind


def _time_range(item: Header) -> str:
    kind = item.text("TemporalRangeType").lower() or "range"
    for keyword, words in (
        ("ReferencedSamplePositions", "samples"),
        ("ReferencedTimeOffsets", "seconds"),
        ("ReferencedDateTime", "at"),
    ):
        values = [str(value) for value in item.values(keyword)[:MOST_FRAMES]]
        if values:
            return f"{kind}, {words} {', '.join(values)}"
    return kind


def _table(item: Header) -> str:
    rows, columns = item.integer("NumberOfTableRows"), item.integer("NumberOfTableColumns")
    return f"{rows or 0} rows, {columns or 0} columns"


def _lower(header: Header, keyword: str) -> str:
    return header.text(keyword).lower()


VALUES: Mapping[str, Callable[[Header], str]] = {
    "CONTAINER": lambda _: "",
    "TEXT": _text,
    "NUM": _number,
    "CODE": _code_value,
    "DATETIME": lambda item: date_time(item.text("DateTime")),
    "DATE": lambda item: date(item.text("Date")),
    "TIME": lambda item: time(item.text("Time")),
    "UIDREF": lambda item: item.text("UID"),
    "PNAME": lambda item: person_name(item.text("PersonName")),
    "COMPOSITE": _reference,
    "IMAGE": _reference,
    "WAVEFORM": _reference,
    "SCOORD": _region,
    "SCOORD3D": _region_in_space,
    "TCOORD": _time_range,
    "TABLE": _table,
}


def report_text(dataset: Dataset) -> str:
    """Return the text of a report's dataset."""
    outline = Outline()
    write_report(Header(dataset, Notices()), outline)
    return outline.text
