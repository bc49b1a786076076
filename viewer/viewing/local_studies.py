"""The studies of this computer's cache as a source for the list."""

from collections.abc import Sequence

from viewer.cache import studies
from viewer.cache.store import Store
from viewer.cache.study_list import Order, StudyFilter, StudyKey
from viewer.dicom.records import InstanceRecord, Refused
from viewer.viewing.study_source import Cancelled, Column, StudyPage

NAME = "This computer"
COLUMNS = tuple(column for column in Column if column is not Column.HERE)


class LocalStudies:
    """Looks in a Store (viewing.study_source.StudySource)."""

    name = NAME
    columns = COLUMNS
    as_typed = True

    def __init__(self, store: Store) -> None:
        self.store = store

    def page(
        self, asked: StudyFilter, order: Order, offset: int, limit: int, _cancelled: Cancelled
    ) -> StudyPage:
        """Return some rows, and how many there are: of one state of the cache."""
        with self.store.reading() as connection:
            total, rows = studies.found(connection, asked, order, offset, limit)
            return StudyPage(total, offset, tuple(rows))

    def modalities(self, _cancelled: Cancelled) -> Sequence[str]:
        """Return the modalities of all studies."""
        with self.store.reading() as connection:
            return studies.modalities(connection)

    def records(self, key: StudyKey, _cancelled: Cancelled) -> Sequence[InstanceRecord]:
        """Return the instances of a study whose files are whole."""
        with self.store.reading() as connection:
            return studies.records(connection, self.store.folder, key)

    def problems(self, key: StudyKey) -> Sequence[Refused]:
        """Return the files of a study that cannot be used, each with its reason."""
        with self.store.reading() as connection:
            return studies.problems(connection, self.store.folder, key)


class NoStudies:
    """In the place of a cache that cannot be used: it has nothing, and says why."""

    name = NAME
    columns = COLUMNS
    as_typed = True

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def page(
        self, _asked: StudyFilter, _order: Order, offset: int, _limit: int, _cancelled: Cancelled
    ) -> StudyPage:
        """Return nothing."""
        return StudyPage(0, offset, ())

    def modalities(self, _cancelled: Cancelled) -> Sequence[str]:
        """Return nothing."""
        return ()

    def records(self, _key: StudyKey, _cancelled: Cancelled) -> Sequence[InstanceRecord]:
        """Return nothing."""
        return ()
