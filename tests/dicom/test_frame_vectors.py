"""What is said of the frames of multi-frame images of every kind."""

import make
import numpy as np
import pytest
from pydicom.dataset import Dataset

from viewer.dicom.describe import describe


def nuclear(frames=4, **attributes):
    dataset = make.mr(np.stack([make.ramp(dtype="<u2")] * frames), Modality="NM", **attributes)
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.20"
    return dataset


def words(dataset, number):
    return describe(dataset, number).text.get("FrameVectors", "")


def test_each_frame_of_a_nuclear_image_says_its_detector_and_energy_window():
    window, other = Dataset(), Dataset()
    window.EnergyWindowName, other.EnergyWindowName = "Tc99m", "Scatter"
    dataset = nuclear(
        EnergyWindowVector=[1, 1, 2, 2],
        DetectorVector=[1, 2, 1, 2],
        PhaseVector=[1, 1, 1, 1],
        EnergyWindowInformationSequence=[window, other],
    )
    assert [words(dataset, number) for number in (1, 2, 3, 4)] == [
        "Energy window 1 (Tc99m), Detector 1",
        "Energy window 1 (Tc99m), Detector 2",
        "Energy window 2 (Scatter), Detector 1",
        "Energy window 2 (Scatter), Detector 2",
    ]


@pytest.mark.parametrize("vector", [[1, 2], [1, 2, 3, 4, 5], []])
def test_E01_a_vector_of_another_length_says_nothing(vector):
    assert words(nuclear(DetectorVector=vector), 1) == ""


def test_a_mosaic_is_labelled():
    dataset = make.mr(ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"])
    assert any(words.startswith("MOSAIC") for words in describe(dataset, 1).notices)
    assert not any("MOSAIC" in words for words in describe(make.mr(), 1).notices)


def test_a_part_of_a_concatenation_says_so():
    part = {"ConcatenationUID": "2.25.7", "InConcatenationNumber": 2, "ConcatenationFrameOffsetNumber": 2}
    whole = make.enhanced_ct(2, **part, InConcatenationTotalNumber=3)
    assert "Part 2 of 3 of a concatenation" in describe(whole, 1).notices
    assert "Part 2 of a concatenation" in describe(make.enhanced_ct(2, **part), 1).notices


def test_B11_every_frame_has_its_own_rescale_and_window():
    slopes = (1.0, 2.5, -0.125)
    dataset = make.enhanced_ct(3, slopes=slopes)
    for number, slope in enumerate(slopes, start=1):
        description = describe(dataset, number)
        assert description.modality_lut.slope == slope
        assert description.vois[0].center == 39 + number
        assert f"frame {number}" in description.modality_lut.source


def test_B11_every_slice_of_a_pet_has_its_own_slope():
    slopes = [0.37, 1.9, 12.25]
    slices = [make.ct(Modality="PT", Units="BQML", slope=slope, intercept=0.0) for slope in slopes]
    assert [describe(each, 1).modality_lut.slope for each in slices] == slopes
