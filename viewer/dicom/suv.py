"""Standardized Uptake Value by body weight (PS3.3 C.8.9.1; the reckoning of QIBA's FDG-PET/CT profile).

SUVbw = activity concentration at a reference time x body weight / dose still active at that time. It is
given only where every number of it stands in the header and makes sense, and else the reason why not.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header, label
from viewer.dicom.image import Suv

NEEDED = {"ATTN": "attenuation", "DECY": "decay"}  # of Corrected Image
GRAMS = 1000.0  # in a kilogram
HEAVIEST = 1000.0  # kg; more is a weight in grams
FAINTEST = 1e5  # Bq; less is a dose in MBq
MOST_HALF_LIVES = 5.0  # between injection and scan: then 3 % of the dose is left, and clocks decide
ONE_DAY_HALF_LIFE = 12 * 3600.0  # s; what lives longer is scanned days later, and a bare time is not enough
CLOCK = timedelta(seconds=1)  # by which times of one moment differ after rounding
DAY = timedelta(days=1)
MS = 1000.0
DATE, TIME = 8, 6  # digits
GE, GE_SCAN_TIME = "GEMS_PETD_01", 0x0D  # (0009,xx0D): the scan, whatever happened to the series since
PHILIPS, PHILIPS_SUV, PHILIPS_BQML = "Philips PET Private Group", 0x00, 0x09  # factors of counts


class SuvError(Exception):
    """Why there is no SUV, in words that follow "SUV n/a: "."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and time of day, and how far its clock is ahead of UTC where that is known."""

    local: datetime
    ahead: timedelta | None = None

    def since(self, other: "Moment") -> timedelta:
        """Return the time from `other` to this; clocks count as one unless both say otherwise."""
        apart = self.local - other.local
        if self.ahead is None or other.ahead is None:
            return apart
        return apart - self.ahead + other.ahead


def read_suv(frame: FrameHeader) -> Suv | None:
    """Return what turns the modality values of a PET image into SUVbw, None for any other image.

    Units BQML: weight over the dose, decayed to the time that Decay Correction names: START of the scan, or
    ADMIN, its injection. CNTS: by the private factors of Philips. GML: as it is, when SUV Type is BW.
    """
    header = frame.top
    if header.code("Modality") != "PT":
        return None
    try:
        return _read(header)
    except SuvError as reason:
        return Suv(reason=str(reason))


def _read(header: Header) -> Suv:
    corrected = {text.upper() for text in header.texts("CorrectedImage")}
    for code, words in NEEDED.items():
        if code not in corrected:
            raise SuvError(f"not corrected for {words}, by {label('CorrectedImage')}")
    units = header.code("Units")
    if units == "BQML":
        return _by_dose(header, 1.0, "BQML")
    if units == "CNTS":
        return _of_counts(header)
    if units == "GML":
        kind = header.code("SUVType") or "BW"
        if kind != "BW":
            raise SuvError(f"the values are SUV by {kind}, not by body weight")
        return Suv(1.0, "", f"{label('Units')} GML: the values are SUV already")
    raise SuvError(f"{label('Units')} is {units}" if units else _missing("Units"))


def _of_counts(header: Header) -> Suv:
    factor = _private_number(header, 0x7053, PHILIPS, PHILIPS_SUV)
    if factor:
        return Suv(factor, "", "SUV factor of Philips (7053,xx00)")
    activity = _private_number(header, 0x7053, PHILIPS, PHILIPS_BQML)
    if activity:
        return _by_dose(header, activity, "activity factor of Philips (7053,xx09)")
    raise SuvError("the values are counts, and the header has no factor for them")


def _by_dose(header: Header, activity: float, source: str) -> Suv:
    """Return SUV from Bq/ml; `activity` turns the modality values into these."""
    items = header.items("RadiopharmaceuticalInformationSequence")
    if len(items) != 1:
        raise SuvError(f"the header has {len(items) or 'no'} radiopharmaceutical{'s'[: len(items)]}")
    weight = _positive(header, "PatientWeight")
    dose = _positive(items[0], "RadionuclideTotalDose")
    if weight > HEAVIEST:
        raise SuvError(f"{label('PatientWeight')} makes no sense")
    if dose < FAINTEST:
        raise SuvError(f"{label('RadionuclideTotalDose')} makes no sense in Bq")
    correction = header.code("DecayCorrection")
    if correction == "START":
        half_life = _positive(items[0], "RadionuclideHalfLife")
        apart, reference = _since_injection(header, items[0], half_life)
        dose *= 2 ** (-apart / half_life)
        when = f"decayed for {apart / 60:.1f} min to {reference}"
    elif correction == "ADMIN":
        when = "as injected: Decay Correction (0054,1102) ADMIN"
    else:
        raise SuvError(f"{label('DecayCorrection')} is {correction or 'absent'}")
    return Suv(
        activity * weight * GRAMS / dose, "", f"{source}: {weight:g} kg / {dose / 1e6:.4g} MBq, {when}"
    )


def _since_injection(header: Header, item: Header, half_life: float) -> tuple[float, str]:
    """Return the seconds from the injection to the moment to which the image is corrected, and its name."""
    scan, name = _scan(header, half_life)
    seconds = scan.since(_injection(header, item, scan, half_life)).total_seconds()
    if seconds < 0:
        raise SuvError("the injection is later than the scan")
    if seconds > MOST_HALF_LIVES * half_life:
        raise SuvError(f"the injection lies more than {MOST_HALF_LIVES:g} half-lives before the scan")
    return seconds, name


def _injection(header: Header, item: Header, scan: Moment, half_life: float) -> Moment:
    """Return when the dose was measured; a bare time is the last one before the scan."""
    stated = _date_time(item.text("RadiopharmaceuticalStartDateTime"), _ahead(header))
    if stated is not None:
        return stated
    time = item.text("RadiopharmaceuticalStartTime")
    if not time:
        raise SuvError(_missing("RadiopharmaceuticalStartTime"))
    if half_life >= ONE_DAY_HALF_LIFE:
        raise SuvError("the header does not say on which day the dose was injected")
    found = _moment(f"{scan.local:%Y%m%d}", time, scan.ahead)
    if found is None:
        raise SuvError(f"{label('RadiopharmaceuticalStartTime')} is no time")
    return found if found.local <= scan.local else Moment(found.local - DAY, found.ahead)


def _scan(header: Header, half_life: float) -> tuple[Moment, str]:
    """Return the start of the scan, and its name.

    Series Time, unless it is later than the acquisition: then the series was made anew, and the scan is
    known from GE's private attribute, or reckoned back from this image by its Frame Reference Time.
    """
    ahead = _ahead(header)
    acquired = _moment(header.text("AcquisitionDate"), header.text("AcquisitionTime"), ahead)
    date = header.text("SeriesDate") or header.text("AcquisitionDate") or header.text("StudyDate")
    series = _moment(date, header.text("SeriesTime"), ahead)
    if series is not None and (acquired is None or series.since(acquired) <= CLOCK):
        return series, "Series Time (0008,0031)"
    private = _date_time(_private_text(header, 0x0009, GE, GE_SCAN_TIME), ahead)
    if private is not None:
        return private, "the scan time of GE (0009,xx0D)"
    reckoned = _reckoned(header, acquired, half_life) if acquired is not None else None
    if reckoned is not None:
        return reckoned, "Acquisition Time (0008,0032) less Frame Reference Time (0054,1300)"
    if series is None:
        raise SuvError(_missing("SeriesTime"))
    raise SuvError("the series was made after the acquisition, and the start of the scan is not stated")


def _reckoned(header: Header, acquired: Moment, half_life: float) -> Moment | None:
    """Return the start of the scan from when the count rate of this frame was at its mean."""
    reference, duration = header.number("FrameReferenceTime"), header.number("ActualFrameDuration")
    if not (reference and duration and reference > 0 and duration > 0):
        return None
    rate = math.log(2) / half_life
    decay = rate * duration / MS
    mean = math.log(decay / -math.expm1(-decay)) / rate  # s after the start of the frame
    try:
        return Moment(acquired.local + timedelta(seconds=mean - reference / MS), acquired.ahead)
    except OverflowError:
        return None


# ------------------------------------------------------------------------------------ reading of the header
def _missing(keyword: str) -> str:
    return f"the header has no {label(keyword)}"


def _positive(header: Header, keyword: str) -> float:
    number = header.number(keyword)
    if number is None:
        raise SuvError(_missing(keyword))
    if number <= 0:
        raise SuvError(f"{label(keyword)} is {number:g}")
    return number


def _private_text(header: Header, group: int, creator: str, element: int) -> str:
    """Return a private attribute as text, "" when it is absent."""
    try:
        value = header.dataset.private_block(group, creator)[element].value
    except Exception:  # noqa: BLE001  pydicom raises many kinds for what is absent or damaged
        return ""
    return value.decode("latin-1").strip("\0 ") if isinstance(value, bytes) else str(value).strip()


def _private_number(header: Header, group: int, creator: str, element: int) -> float | None:
    try:
        number = float(_private_text(header, group, creator, element))
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def _ahead(header: Header) -> timedelta | None:
    """Return how far the clock of the header is ahead of UTC, None when it does not say."""
    return _zone(header.text("TimezoneOffsetFromUTC"))


def _zone(text: str) -> timedelta | None:
    digits = text[1:]
    if len(text) != 5 or text[0] not in "+-" or not (digits.isascii() and digits.isdigit()):  # noqa: PLR2004  &ZZXX
        return None
    apart = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return apart if text[0] == "+" else -apart


def _date_time(text: str, ahead: timedelta | None) -> Moment | None:
    """Return a DT that is whole to the hour at least; one without a zone is on the clock of the header."""
    sign = max(text.find("+"), text.find("-"))
    clock, zone = (text[:sign], _zone(text[sign:])) if sign > 0 else (text, None)
    return _moment(clock[:DATE], clock[DATE:], zone if zone is not None else ahead)


def _moment(date: str, time: str, ahead: timedelta | None) -> Moment | None:
    """Return a DA and a TM as a moment; None for what is no date, or no time."""
    day = date.replace(".", "").replace("-", "")
    clock, _, rest = time.replace(":", "").partition(".")
    digits = day + clock + rest
    if len(day) != DATE or len(clock) not in {2, 4, TIME} or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        found = datetime.strptime(f"{day}{clock:0<6}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Moment(found + timedelta(seconds=float(f"0.{rest or 0}")), ahead)
