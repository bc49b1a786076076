"""What objects that are no images say, read here and through a worker."""

from collections.abc import Iterator
from pathlib import Path

import make
import pytest
from pydicom import Dataset, uid
from pydicom.dataset import FileMetaDataset

from viewer.dicom.document import Document, DocumentKind, read_document
from viewer.dicom.read import UnreadableError
from viewer.dicom.records import InstanceRecord
from viewer.dicom.stacks import displayable
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderPool]:
    with DecoderPool(1) as found:
        found.document(write(tmp_path_factory.mktemp("pool"), uid.RawDataStorage))  # before a test begins
        yield found


def write(folder: Path, sop_class: str, **attributes: object) -> str:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.StudyInstanceUID = sop_class, "1.2.3", "1.2"
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.PatientName, dataset.PatientID = "Testperson^Tina", "TEST-1"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return str(make.write(dataset, folder / "object.dcm"))


def item(**attributes: object) -> Dataset:
    found = Dataset()
    for keyword, value in attributes.items():
        setattr(found, keyword, value)
    return found


def code(meaning: str) -> Dataset:
    return item(CodeValue="1", CodingSchemeDesignator="99TEST", CodeMeaning=meaning)


def test_a_waveform_says_its_channels_and_how_long_it_is(tmp_path: Path) -> None:
    channel = item(
        ChannelSourceSequence=[code("Lead II")],
        ChannelSensitivity="1.25",
        ChannelSensitivityUnitsSequence=[code("microvolt")],
    )
    group = item(
        NumberOfWaveformChannels=1,
        NumberOfWaveformSamples=2500,
        SamplingFrequency="500",
        MultiplexGroupLabel="RHYTHM",
        ChannelDefinitionSequence=[channel],
    )
    found = read_document(write(tmp_path, uid.TwelveLeadECGWaveformStorage, WaveformSequence=[group]))
    assert (found.what, found.kind) == ("12-lead ECG Waveform", DocumentKind.SUMMARY)
    assert "Group 1 (RHYTHM): 1 channel, 500 samples a second, 5 s\n    Lead II: 1.25 microvolt" in found.text


def test_structures_are_listed_with_their_contours(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        uid.RTStructureSetStorage,
        StructureSetLabel="Plan A",
        StructureSetROISequence=[item(ROINumber=1, ROIName="Lung"), item(ROINumber=2, ROIName="Cord")],
        ROIContourSequence=[item(ReferencedROINumber=1, ContourSequence=[item(), item()])],
        RTROIObservationsSequence=[item(ReferencedROINumber=2, RTROIInterpretedType="ORGAN")],
    )
    found = read_document(path)
    assert found.title == "Plan A"
    assert "2 structures\n    Lung: 2 contours\n    Cord: organ, 0 contours" in found.text


def test_a_plan_says_its_dose_fractions_and_beams(tmp_path: Path) -> None:
    point = item(NominalBeamEnergy="6", GantryAngle="90")
    beam = item(
        BeamNumber=1,
        BeamName="LAT",
        RadiationType="PHOTON",
        BeamType="STATIC",
        ControlPointSequence=[point, item()],
    )
    path = write(
        tmp_path,
        uid.RTPlanStorage,
        DoseReferenceSequence=[item(DoseReferenceDescription="PTV", TargetPrescriptionDose="50")],
        FractionGroupSequence=[item(FractionGroupNumber=1, NumberOfFractionsPlanned=25, NumberOfBeams=1)],
        BeamSequence=[beam],
    )
    text = read_document(path).text
    assert "Dose to PTV: 50 Gy prescribed" in text
    assert "Fraction group 1: 25 fractions, 1 beam" in text
    assert "Beam 1: LAT, photon, static, energy 6 MV, gantry 90°, 2 control points" in text


def test_a_presentation_state_says_what_is_written_on_its_images(tmp_path: Path) -> None:
    words = item(UnformattedTextValue="see here")
    path = write(
        tmp_path,
        uid.GrayscaleSoftcopyPresentationStateStorage,
        ContentLabel="REVIEW",
        ReferencedSeriesSequence=[item(ReferencedImageSequence=[item(), item()])],
        SoftcopyVOILUTSequence=[item(WindowCenter="40", WindowWidth="400")],
        GraphicAnnotationSequence=[item(GraphicLayer="NOTES", TextObjectSequence=[words])],
    )
    text = read_document(path).text
    assert "About: 2 images" in text
    assert "Window: center 40 width 400" in text
    assert "Layer NOTES: 0 graphics, 1 text\n    see here" in text


def test_another_enclosed_document_says_what_it_is(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        uid.EncapsulatedSTLStorage,
        DocumentTitle="Jaw",
        MIMETypeOfEncapsulatedDocument="model/stl",
        EncapsulatedDocument=b"solid",
    )
    found = read_document(path)
    assert (found.title, found.what) == ("Jaw", "Encapsulated STL")
    assert "Enclosed: model/stl, 6 bytes" in found.text


def test_any_other_object_lists_its_attributes_without_the_patient(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        uid.RawDataStorage,
        Modality="MR",
        StudyDate="20261122",
        SeriesDescription="Calibration",
        DimensionIndexSequence=[item(), item()],
    )
    found = read_document(path)
    assert (found.what, found.title) == ("Raw Data", "Calibration")
    for line in ("Modality: MR", "Study Date: 2026-11-22", "Dimension Index Sequence: 2 items"):
        assert line in found.text.splitlines()
    assert "Testperson" not in found.text


def test_an_image_without_pixels_says_so(tmp_path: Path) -> None:
    text = read_document(write(tmp_path, uid.CTImageStorage)).text
    assert "It holds no pixel data: there is nothing to be seen." in text


def test_damaged_values_do_not_hide_the_others(tmp_path: Path) -> None:
    path = Path(write(tmp_path, uid.RawDataStorage, Modality="MR", EchoTime="12", SeriesNumber="1"))
    path.write_bytes(path.read_bytes().replace(b"DS\x02\x0012", b"FD\x02\x0012"))  # 2 of 8 bytes
    text = read_document(str(path)).text
    assert "Modality: MR" in text
    assert "Echo Time: (damaged)" in text
    assert "Series Number: 1" in text


def test_a_file_that_is_none_of_ours_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear colleague")
    with pytest.raises(UnreadableError, match=r"letter\.txt: it is not a DICOM file"):
        read_document(str(path))


# ------------------------------------------------------------------------------------------ through a worker
def test_a_worker_reads_what_is_read_here(pool: DecoderPool, tmp_path: Path) -> None:
    path = write(tmp_path, uid.RawDataStorage, SeriesDescription="Größe")
    assert pool.document(path) == read_document(path)


def test_a_worker_says_why_it_cannot(pool: DecoderPool, tmp_path: Path) -> None:
    with pytest.raises(ViewerError, match="it cannot be opened"):
        pool.document(str(tmp_path / "gone.dcm"))


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "title", "line"),
    [
        ("rt/dicompyler/rtss.dcm", "", "Breast: gtv, 48 contours"),
        ("rt/dicompyler/rtplan.dcm", "", "fractions"),
        ("spectroscopy/nema__BRTUMSP2.dcm", "", "Nucleus: 1H"),
        (
            "waveform/pydicom__waveform_ecg.dcm",
            "12-lead ECG Waveform",
            "12 channels, 1000 samples a second, 10 s",
        ),
        ("wsi/highdicom__sm_annotations.dcm", "", "Attributes"),
        ("sr/pydicom__test-SR.dcm", "Diagnosis", "Diameter: 3 cm"),
    ],
)
def test_real_objects_say_what_they_are(
    corpus: Path, pool: DecoderPool, name: str, title: str, line: str
) -> None:
    found: Document = pool.document(str(corpus / name))
    assert line in found.text
    assert title in {"", found.title}


@pytest.mark.corpus
def test_every_real_object_that_is_no_image_is_read_or_has_a_reason(corpus: Path, pool: DecoderPool) -> None:
    lines = (corpus / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    others = [row[0] for row in rows if not row[6].endswith("Image Storage")]
    assert others
    for name in others:
        (found,) = pool.index((str(corpus / name),))
        if not isinstance(found, InstanceRecord):
            assert found.reason
        elif not displayable(found):
            document = pool.document(found.path)
            assert document.title
            assert len(document.text.splitlines()) > 5
