"""Measurements as text and as a table."""

import csv
import io

import pytest

from viewer.annotations.measurement import Measurement
from viewer.annotations.shapes import Annotation, Kind
from viewer.annotations.statistics import Statistics
from viewer.dicom.image import CalibrationClass
from viewer.dicom.records import FrameKey
from viewer.viewing.measurement_table import COLUMNS, Entry, as_csv, as_text

LINE = Annotation(Kind.LENGTH, FrameKey("1.2.3", 4), ((0.0, 0.0), (1.0, 1.0)), 'a "node", left')
LENGTH = Measurement(
    1234.5, "mm", CalibrationClass.DETECTOR, "Imager Pixel Spacing", "1234.5 mm (at detector)"
)
VALUES = Statistics(40.25, 11.5, -3.0, 120.0, 412, "HU")


def table(*entries):
    text = as_csv(entries)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_every_measurement_is_a_row_with_its_place_and_its_number():
    (row,) = table(Entry(LINE, "3", "12/40", 'a "node", left\n1234.5 mm (at detector)', LENGTH))
    assert tuple(row) == COLUMNS
    assert (row["series"], row["image"], row["sop_instance_uid"], row["frame"]) == (
        "3",
        "12/40",
        "1.2.3",
        "4",
    )
    assert (row["value"], row["unit"], row["calibration"]) == ("1234.5", "mm", "at detector")
    assert row["words"] == 'a "node", left'
    assert row["text"] == 'a "node", left\n1234.5 mm (at detector)'
    assert (row["mean"], row["count"]) == ("", "")


def test_the_values_of_a_region_have_columns_of_their_own():
    (row,) = table(Entry(LINE, values=VALUES))
    assert (row["mean"], row["sd"], row["minimum"], row["maximum"]) == ("40.25", "11.5", "-3.0", "120.0")
    assert (row["count"], row["unit_of_values"]) == ("412", "HU")


def test_a_region_without_pixels_has_empty_cells_and_no_nan():
    assert "nan" not in as_csv([Entry(LINE, values=Statistics(reason="a colour image"))])


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@x"])
def test_words_are_never_calculated_by_a_spreadsheet(words):
    (row,) = table(Entry(Annotation(Kind.TEXT, FrameKey("1.2"), ((1.0, 1.0),), words), label=words))
    assert row["words"] == row["text"] == f"'{words}"


def test_a_negative_number_stays_a_number():
    (row,) = table(Entry(LINE, values=Statistics(-1000.0, 1.0, -1010.0, -990.0, 4, "HU")))
    assert row["mean"] == "-1000.0"


def test_as_text_every_measurement_is_one_line():
    entries = [Entry(LINE, "3", "12/40", "node\n5.0 mm"), Entry(LINE, label="a\tb")]
    assert as_text(entries) == "Se 3\tIm 12/40\tLength\tnode, 5.0 mm\n\t\tLength\ta b"
