"""SUV by body weight against numbers reckoned by hand, and a reason wherever it cannot be given."""

import math

import make
import numpy as np
import pytest
from pydicom import Dataset, uid

from viewer.dicom.describe import describe
from viewer.dicom.read import read_header, tolerant

ABSENT = None

# 80 kg and 400 MBq: 80,000 g / 400e6 Bq = 2e-4; one half-life later only 200 MBq are left: 4e-4.
ADMINISTERED, ONE_HALF_LIFE = 2e-4, 4e-4


def pet(stored=None, *, isotope=(), private=(), **attributes):
    """Return a PET image of one half-life after the injection, with changes to it."""
    item = Dataset()
    item.RadiopharmaceuticalStartTime = "100000"
    item.RadionuclideTotalDose, item.RadionuclideHalfLife = "400000000", "6600"
    for keyword, value in dict(isotope).items():
        if value is ABSENT:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    values = {
        "PatientWeight": "80",
        "Units": "BQML",
        "DecayCorrection": "START",
        "CorrectedImage": ["NORM", "DTIM", "ATTN", "SCAT", "DECY"],
        "SeriesDate": "20260301",
        "SeriesTime": "115000",  # 6600 s after 10:00:00
        "AcquisitionDate": "20260301",
        "AcquisitionTime": "115000",
        "RescaleType": None,
        "RadiopharmaceuticalInformationSequence": [item],
    } | attributes
    dataset = make.ct(
        stored, slope=2.0, intercept=0.0, SOPClassUID=uid.PositronEmissionTomographyImageStorage,
        Modality="PT", **values,
    )  # fmt: skip
    for group, creator, element, vr, value in private:
        dataset.private_block(group, creator, create=True).add_new(element, vr, value)
    return dataset


def suv(*, isotope=(), private=(), **attributes):
    with tolerant():  # of values that no writer may write
        dataset = pet(isotope=isotope, private=private, **attributes)
    found = describe(dataset, 1).suv
    assert found is not None
    assert (found.factor is None) == bool(found.reason)
    return found


GE_TIME = (0x0009, "GEMS_PETD_01", 0x0D, "DT", "20260301115000.00")
REMADE = {"SeriesDate": "20260302", "SeriesTime": "083000"}  # the series was made on the next day
PHILIPS = "Philips PET Private Group"


@pytest.mark.parametrize(
    ("changes", "factor"),
    [
        pytest.param({}, ONE_HALF_LIFE, id="START, one half-life"),
        pytest.param({"DecayCorrection": "ADMIN"}, ADMINISTERED, id="ADMIN"),
        pytest.param({"PatientWeight": "40"}, ONE_HALF_LIFE / 2, id="half the weight"),
        pytest.param({"AcquisitionTime": "121000"}, ONE_HALF_LIFE, id="a later bed position: Series Time"),
        pytest.param({"isotope": {"RadiopharmaceuticalStartTime": "115000"}}, ADMINISTERED, id="no delay"),
        pytest.param(
            {"isotope": {"RadiopharmaceuticalStartTime": "231000"}, "SeriesTime": "010000",
             "AcquisitionTime": "010000"}, ONE_HALF_LIFE, id="injected before midnight, a bare time"),
        pytest.param(
            {"isotope": {"RadiopharmaceuticalStartDateTime": "20260228231000"}, "SeriesTime": "010000",
             "AcquisitionTime": "010000"}, ONE_HALF_LIFE, id="injected before midnight, with its date"),
        pytest.param(
            {"isotope": {"RadiopharmaceuticalStartDateTime": "20260301080000.000000-0100"},
             "TimezoneOffsetFromUTC": "+0100"}, ONE_HALF_LIFE, id="two time zones: 08:00-01 is 10:00+01"),
        pytest.param(
            {"isotope": {"RadiopharmaceuticalStartDateTime": "20260301100000+0100"}}, ONE_HALF_LIFE,
            id="one time zone and an unstated one count as the same"),
        pytest.param(
            {"isotope": {"RadiopharmaceuticalStartTime": "100000.000"}, "SeriesTime": "11:50:00"},
            ONE_HALF_LIFE, id="fractions and the old form of a time"),
        pytest.param({**REMADE, "private": (GE_TIME,)}, ONE_HALF_LIFE, id="GE: a series made anew"),
        pytest.param({"Units": "GML"}, 1.0, id="GML without a type is by weight"),
        pytest.param({"Units": "GML", "SUVType": "BW"}, 1.0, id="GML by weight"),
        pytest.param(
            {"Units": "CNTS", "private": ((0x7053, PHILIPS, 0x00, "DS", "0.000551"),)}, 0.000551,
            id="Philips: the factor of SUV"),
        pytest.param(
            {"Units": "CNTS", "private": ((0x7053, PHILIPS, 0x00, "DS", "0"),
                                          (0x7053, PHILIPS, 0x09, "DS", "1.5"))},
            1.5 * ONE_HALF_LIFE, id="Philips: the factor of activity, when that of SUV is 0"),
        pytest.param(
            {"Units": "CNTS", "private": ((0x7053, PHILIPS, 0x00, "UN", b"0.000551"),)}, 0.000551,
            id="Philips: of an unknown VR"),
    ],
)  # fmt: skip
def test_B14_the_factor_of_SUV(changes, factor):
    assert suv(**changes).factor == pytest.approx(factor, rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"DecayCorrection": "NONE"}, "Decay Correction (0054,1102) is NONE"),
        ({"DecayCorrection": None}, "Decay Correction (0054,1102) is absent"),
        ({"CorrectedImage": ["DECY"]}, "not corrected for attenuation"),
        ({"CorrectedImage": ["ATTN"]}, "not corrected for decay"),
        ({"CorrectedImage": None}, "not corrected for attenuation"),
        ({"Units": "PROPCNTS"}, "Units (0054,1001) is PROPCNTS"),
        ({"Units": None}, "no Units (0054,1001)"),
        ({"Units": "CNTS"}, "the values are counts"),
        ({"Units": "GML", "SUVType": "LBM"}, "SUV by LBM, not by body weight"),
        ({"PatientWeight": None}, "no Patient's Weight (0010,1030)"),
        ({"PatientWeight": "0"}, "Patient's Weight (0010,1030) is 0"),
        ({"PatientWeight": "80000"}, "Patient's Weight (0010,1030) makes no sense"),
        ({"isotope": {"RadionuclideTotalDose": ABSENT}}, "no Radionuclide Total Dose (0018,1074)"),
        ({"isotope": {"RadionuclideTotalDose": "0"}}, "Radionuclide Total Dose (0018,1074) is 0"),
        ({"isotope": {"RadionuclideTotalDose": "400"}}, "makes no sense in Bq"),
        ({"isotope": {"RadionuclideHalfLife": ABSENT}}, "no Radionuclide Half Life (0018,1075)"),
        ({"isotope": {"RadionuclideHalfLife": "0"}}, "Radionuclide Half Life (0018,1075) is 0"),
        ({"isotope": {"RadionuclideHalfLife": "282240"}}, "does not say on which day"),
        ({"isotope": {"RadiopharmaceuticalStartTime": ABSENT}}, "no Radiopharmaceutical Start Time"),
        ({"isotope": {"RadiopharmaceuticalStartTime": "noon"}}, "Start Time (0018,1072) is no time"),
        ({"isotope": {"RadiopharmaceuticalStartDateTime": "20260301120000"}}, "later than the scan"),
        ({"isotope": {"RadiopharmaceuticalStartDateTime": "20260228100000"}}, "5 half-lives before"),
        ({"isotope": {"RadiopharmaceuticalStartTime": "115001"}}, "5 half-lives before"),
        ({"SeriesTime": None, "AcquisitionTime": None}, "no Series Time (0008,0031)"),
        (REMADE, "made after the acquisition"),
        ({"RadiopharmaceuticalInformationSequence": []}, "no radiopharmaceutical"),
        ({"RadiopharmaceuticalInformationSequence": [Dataset(), Dataset()]}, "2 radiopharmaceuticals"),
    ],
)
def test_B14_without_SUV_there_is_a_reason(changes, reason):
    found = suv(**changes)
    assert found.factor is None
    assert reason in found.reason


def test_B14_a_series_made_anew_is_reckoned_back_from_its_frames():
    """A frame from 12:10:00 of 300 s; its mean rate was at its middle but for the decay, 1204.. s on."""
    rate, seconds = math.log(2) / 6600, 300.0
    mean = math.log(rate * seconds / (1 - math.exp(-rate * seconds))) / rate
    reference = 1200 + mean  # s after 11:50:00, the start of the scan
    found = suv(
        **REMADE, AcquisitionTime="121000", FrameReferenceTime=str(round(reference * 1000, 3)),
        ActualFrameDuration="300000",
    )  # fmt: skip
    assert found.factor == pytest.approx(ONE_HALF_LIFE, rel=1e-6)
    assert "Frame Reference Time" in found.source


def test_only_PET_has_SUV():
    assert describe(make.ct(), 1).suv is None
    assert describe(make.mr(), 1).suv is None


def test_the_source_names_weight_dose_and_delay():
    assert suv().source == "BQML: 80 kg / 200 MBq, decayed for 110.0 min to Series Time (0008,0031)"
    assert "ADMIN" in suv(DecayCorrection="ADMIN").source


@pytest.mark.parametrize("seed", range(40))
def test_B14_whatever_stands_in_the_header_there_is_a_number_or_a_reason(seed):
    random = np.random.default_rng(seed)
    odd = ["", "x", "-1", "1e400", "99999999", "20261399", "NaN", "0", "24:61:61", "20260301115000+9999"]
    keywords = [
        "SeriesTime",
        "SeriesDate",
        "AcquisitionTime",
        "Units",
        "DecayCorrection",
        "TimezoneOffsetFromUTC",
    ]
    found = suv(
        isotope={"RadiopharmaceuticalStartDateTime": str(random.choice(odd))},
        **{str(random.choice(keywords)): str(random.choice(odd)) for _ in range(2)},
    )
    assert found.factor is None or found.factor > 0


def test_B14_of_the_corpus_every_slice_of_a_study_has_its_SUV(corpus):
    """91 kg, 588.802304 MBq at 07:21:00, half-life 6588 s, scan at 09:59:47: 9527 s later."""
    from_header = 91_000 / (588_802_304 * 2 ** (-9527 / 6588))
    paths = sorted((corpus / "petct" / "acrin042" / "PET_AC_081015").iterdir())[::20]
    for path in paths:
        found = describe(read_header(str(path)), 1).suv
        assert found.factor == pytest.approx(from_header, rel=1e-9)
