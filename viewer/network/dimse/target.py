"""What is to be retrieved, and how C-GET and C-MOVE ask for it (PS3.4 C.4.2.1.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from viewer.network.dimse import identifier as tag
from viewer.network.dimse.association import Association
from viewer.network.dimse.contexts import NATIVE
from viewer.network.query import Level


@dataclass(frozen=True, slots=True)
class Target:
    """A study, one of its series, or some of its objects."""

    study_instance_uid: str
    series_instance_uid: str = ""
    sop_instance_uids: tuple[str, ...] = ()
    patient_id: str = ""  # needed in the patient root model
    sop_classes: tuple[
        str, ...
    ] = ()  # of what will come, where they are known: all its forms are then agreed on
    transfer_syntaxes: tuple[str, ...] = ()  # that may come; () for all that are known, compressed ones first
    patient_root: bool = False  # ask in the patient root alone; else where the peer has no study root

    @property
    def level(self) -> Level:
        """Return the level that is retrieved."""
        if self.sop_instance_uids:
            return Level.IMAGE
        return Level.SERIES if self.series_instance_uid else Level.STUDY


def roots(target: Target, models: Mapping[bool, str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return what to propose of the two models of a retrieval: some peers have the patient root alone."""
    several = (True,) if target.patient_root else (False, True)
    return [(models[root], NATIVE) for root in several]


def in_root_of(association: Association, target: Target, models: Mapping[bool, str]) -> Target:
    """Return a target as its peer can be asked for it: in the study root, or else by the patient."""
    if target.patient_root or association.context(models[False]) is not None:
        return target
    return replace(target, patient_root=association.context(models[True]) is not None)


def keys_of(target: Target) -> dict[int, str]:
    """Return the unique keys of what is to be retrieved."""
    keys = {tag.LEVEL: target.level.value, tag.STUDY: target.study_instance_uid}
    if target.patient_root:
        keys[tag.PATIENT_ID] = target.patient_id
    if target.series_instance_uid:
        keys[tag.SERIES] = target.series_instance_uid
    if target.sop_instance_uids:
        keys[tag.SOP_INSTANCE] = "\\".join(target.sop_instance_uids)
    return keys
