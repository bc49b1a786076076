"""What is to be retrieved, and how C-GET and C-MOVE ask for it (PS3.4 C.4.2.1.4)."""

from dataclasses import dataclass

from viewer.network.dimse import identifier as tag
from viewer.network.query import Level


@dataclass(frozen=True, slots=True)
class Wanted:
    """A study, one of its series, or some of its objects."""

    study_instance_uid: str
    series_instance_uid: str = ""
    sop_instance_uids: tuple[str, ...] = ()
    patient_id: str = ""  # needed in the patient root model
    sop_classes: tuple[
        str, ...
    ] = ()  # of what will come, where they are known: all its forms are then agreed on
    transfer_syntaxes: tuple[str, ...] = ()  # that may come; () for all that are known, compressed ones first
    patient_root: bool = False

    @property
    def level(self) -> Level:
        """Return the level that is retrieved."""
        if self.sop_instance_uids:
            return Level.IMAGE
        return Level.SERIES if self.series_instance_uid else Level.STUDY


def keys_of(wanted: Wanted) -> dict[int, str]:
    """Return the unique keys of what is to be retrieved."""
    keys = {tag.LEVEL: wanted.level.value, tag.STUDY: wanted.study_instance_uid}
    if wanted.patient_root:
        keys[tag.PATIENT_ID] = wanted.patient_id
    if wanted.series_instance_uid:
        keys[tag.SERIES] = wanted.series_instance_uid
    if wanted.sop_instance_uids:
        keys[tag.SOP_INSTANCE] = "\\".join(wanted.sop_instance_uids)
    return keys
