"""An index of generated studies, written straight into the tables, so that reading is tested by itself."""

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viewer.cache.search import folded
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import PatientRecord
from viewer.dicom.tree import patient_key

SQL = Path(__file__).resolve().parents[2] / "viewer" / "cache"


@dataclass
class MadeIndex:
    """Two databases in memory, as `viewer.cache.databases` gives them to a reader."""

    connection: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:"))
    studies: int = 0
    instances: int = 0

    def __post_init__(self) -> None:
        self.connection.execute("ATTACH ':memory:' AS work")
        self.connection.executescript((SQL / "index.sql").read_text("utf-8"))
        work = (SQL / "work.sql").read_text("utf-8").replace("CREATE TABLE ", "CREATE TABLE work.")
        self.connection.executescript(work.replace("CREATE INDEX ", "CREATE INDEX work."))

    def study(
        self,
        name: str = "Testperson^Tina",
        patient_id: str = "TEST-1",
        *,
        issuer: str = "",
        date: str = "20260102",
        time: str = "030405",
        description: str = "Test study",
        accession: str = "A1",
        modalities: str = "CT",
        uid: str = "",
        instances: int = 2,
        source: str = "folder CT-12",
        arrived_at: float = 1000.0,
    ) -> StudyKey:
        """Add a study with one series and return its key."""
        self.studies += 1
        key = StudyKey(uid or f"1.2.3.{self.studies}", patient_key(PatientRecord(name, patient_id, issuer)))
        texts = (name, patient_id, issuer, accession, description)
        place = self._insert(
            "main.study",
            study_instance_uid=key.study_instance_uid,
            patient_key=json.dumps(list(key.patient)),
            patient_name=name,
            patient_id=patient_id,
            issuer_of_patient_id=issuer,
            patient_birth_date="19700203",
            patient_sex="F",
            study_date=date,
            study_time=time,
            study_description=description,
            accession_number=accession,
            search="\n".join(folded(text) for text in texts),
            name_order=folded(name),
            modalities=modalities,
            series=1,
            instances=instances,
            frames=instances,
            bytes=1000 * instances,
            missing=0,
            added_at=arrived_at,
        )
        self.series(place, instances, source, arrived_at)
        return key

    def series(self, study: int, instances: int, source: str, arrived_at: float) -> None:
        """Add a series of objects from a source."""
        place = self._insert(
            "main.series",
            study=study,
            series_instance_uid=f"1.2.4.{study}.{self.instances}",
            modality="CT",
            series_number=1,
            series_description="Test series",
            body_part_examined="",
            laterality="",
            instances=instances,
        )
        for _ in range(instances):
            self.instances += 1
            sha = f"{self.instances:064x}"
            self._insert(
                "main.instance",
                sop_instance_uid=f"1.2.5.{self.instances}",
                series=place,
                object=sha,
                bytes=1000,
                modified_ns=0,
                record="{}",
            )
            self._insert("work.arrival", object=sha, source=source, origin=0, arrived_at=arrived_at)

    def fact(self, key: StudyKey, **values: Any) -> None:
        """Note something that a person did with a study."""
        patient = json.dumps(list(key.patient))
        self._insert(
            "work.study_fact", study_instance_uid=key.study_instance_uid, patient_key=patient, **values
        )

    def _insert(self, table: str, **values: Any) -> int:
        marks = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"  # noqa: S608  names of the tests
        return int(self.connection.execute(sql, tuple(values.values())).lastrowid or 0)
