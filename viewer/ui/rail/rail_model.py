"""The tree of the series rail: patients, their studies, series; it changes row by row, nothing jumps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractItemModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QPixmap

from viewer.ui.drops import SERIES_MIME
from viewer.ui.plain_text import single_line, tooltip

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class SeriesNode:
    """One series. `subtitle` says what it is when it is not displayable."""

    key: str
    title: str
    subtitle: str = ""
    count_text: str = ""
    displayable: bool = True
    tooltip: str = ""
    modality: str = ""


@dataclass(frozen=True, slots=True)
class StudyNode:
    """One study."""

    key: str
    title: str
    subtitle: str = ""
    series: tuple[SeriesNode, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientNode:
    """One patient. The first line is the name; `hue` is the colour at the left edge."""

    key: str
    lines: tuple[str, ...]
    hue: str
    studies: tuple[StudyNode, ...] = ()


Node = PatientNode | StudyNode | SeriesNode


class Role(IntEnum):
    """What the delegate asks the model for, beyond Qt's own roles."""

    NODE = Qt.ItemDataRole.UserRole + 1
    HUE = Qt.ItemDataRole.UserRole + 2
    OPEN = Qt.ItemDataRole.UserRole + 3  # it hangs in a viewport
    SEEN = Qt.ItemDataRole.UserRole + 4  # all of it was looked at
    SHARE = Qt.ItemDataRole.UserRole + 5  # how many of its images were, and how many it has; or None


@dataclass(slots=True, eq=False)
class _Branch:
    """A node at its place in the tree; `number` is what Qt's indexes carry."""

    number: int
    node: Node
    parent: "_Branch | None"
    children: list["_Branch"] = field(default_factory=list)

    @property
    def row(self) -> int:
        return self.parent.children.index(self) if self.parent else 0

    def place_of(self, key: str, start: int) -> int | None:
        places = range(start, len(self.children))
        return next((row for row in places if self.children[row].node.key == key), None)

    @property
    def hue(self) -> str:
        if isinstance(self.node, PatientNode):
            return self.node.hue
        return self.parent.hue if self.parent else ""


class _Forest:
    """The branches, found by number and, for series, by key."""

    def __init__(self) -> None:
        self.root = _Branch(0, PatientNode("", (), ""), None)
        self.numbered: dict[int, _Branch] = {}  # an index that outlived its row finds nothing here
        self.series: dict[str, _Branch] = {}
        self._next = 1

    def grow(self, parent: _Branch, node: Node) -> _Branch:
        """Return a new branch for `node` and all below it; its place among the parent's is the caller's."""
        branch = _Branch(self._next, node, parent)
        self._next += 1
        self.numbered[branch.number] = branch
        if isinstance(node, SeriesNode):
            self.series[node.key] = branch
        branch.children = [self.grow(branch, child) for child in _below(node)]
        return branch

    def forget(self, branch: _Branch) -> None:
        """Drop a branch and all below it."""
        del self.numbered[branch.number]
        if self.series.get(branch.node.key) is branch:
            del self.series[branch.node.key]
        for child in branch.children:
            self.forget(child)


class RailModel(QAbstractItemModel):
    """The tree as Qt wants it. `changing` and `changed` surround every change of its rows."""

    changing = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._forest = _Forest()
        self._thumbnails: dict[str, QPixmap] = {}
        self._open: frozenset[str] = frozenset()
        self._shares: dict[str, tuple[int, int]] = {}
        self.watched: Callable[[str], str] = lambda _: ""  # for how long a series was looked at, in words

    # ------------------------------------------------------------------------------------------ what changes
    def set_tree(self, patients: Sequence[PatientNode]) -> None:
        """Show these patients; what was there before and still is keeps its row's identity and thumbnail."""
        self.changing.emit()
        self._reconcile(self._forest.root, patients)
        for key in self._thumbnails.keys() - self._forest.series.keys():
            del self._thumbnails[key]
        self.changed.emit()

    def set_thumbnail(self, key: str, image: QImage) -> None:
        """Show a series' picture; it is scaled to fit."""
        if key in self._forest.series:
            self._thumbnails[key] = QPixmap.fromImage(image)
            self._tell([key])

    def set_open(self, keys: Iterable[str]) -> None:
        """Mark the series that hang in viewports."""
        before, self._open = self._open, frozenset(keys)
        self._tell(before ^ self._open)

    def set_shares(self, shares: Mapping[str, tuple[int, int]]) -> None:
        """Show how many images of each series were seen, and how many it has."""
        before, self._shares = self._shares, dict(shares)
        self._tell(key for key in {**before, **shares} if before.get(key) != shares.get(key))

    def _tell(self, keys: Iterable[str]) -> None:
        for key in keys:
            index = self.index_of(key)
            if index.isValid():
                self.dataChanged.emit(index, index)

    def _reconcile(self, branch: _Branch, nodes: Sequence[Node]) -> None:
        """Make the children of `branch` those of `nodes`: remove, then move, insert and change in order."""
        wanted = {node.key for node in nodes}
        place = self._index(branch)
        for row in range(len(branch.children) - 1, -1, -1):
            if branch.children[row].node.key not in wanted:
                self._remove(branch, row)
        for row, node in enumerate(nodes):
            found = next(
                (at for at in range(row, len(branch.children)) if branch.children[at].node.key == node.key),
                None,
            )
            if found is None:
                self.beginInsertRows(place, row, row)
                branch.children.insert(row, self._forest.grow(branch, node))
                self.endInsertRows()
                continue
            if found != row:
                self.beginMoveRows(place, found, found, place, row)
                branch.children.insert(row, branch.children.pop(found))
                self.endMoveRows()
            self._change(branch.children[row], node)
        while len(branch.children) > len(nodes):  # a key that was there twice
            self._remove(branch, len(branch.children) - 1)

    def _remove(self, branch: _Branch, row: int) -> None:
        self.beginRemoveRows(self._index(branch), row, row)
        self._forest.forget(branch.children.pop(row))
        self.endRemoveRows()

    def _change(self, branch: _Branch, node: Node) -> None:
        if branch.node != node:
            branch.node = node
            index = self._index(branch)
            self.dataChanged.emit(index, index)
            self._reconcile(branch, _below(node))

    # ----------------------------------------------------------------------------------------- what Qt asks
    def _index(self, branch: _Branch) -> QModelIndex:
        if branch is self._forest.root:
            return QModelIndex()
        return self.createIndex(branch.row, 0, branch.number)

    def _branch(self, index: Index) -> _Branch | None:
        if not index.isValid():
            return self._forest.root
        return self._forest.numbered.get(index.internalId())

    def index_of(self, key: str) -> QModelIndex:
        """Return where a series stands, an invalid index when it is not there."""
        return self._index(self._forest.series[key]) if key in self._forest.series else QModelIndex()

    def node(self, index: Index) -> Node | None:
        """Return what stands at `index`."""
        branch = self._branch(index)
        return branch.node if branch is not None and branch is not self._forest.root else None

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        """Return the index of a child."""
        branch = self._branch(parent)
        if branch is None or column != 0 or not 0 <= row < len(branch.children):
            return QModelIndex()
        return self.createIndex(row, 0, branch.children[row].number)

    def parent(self, index: Index = ROOT) -> QModelIndex:  # type: ignore[override]  # QObject.parent() shares its name
        """Return the index of what `index` belongs to."""
        branch = self._branch(index)
        if branch is None or branch.parent is None:
            return QModelIndex()
        return self._index(branch.parent)

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of children."""
        branch = self._branch(parent)
        return len(branch.children) if branch else 0

    def columnCount(self, _parent: Index = ROOT) -> int:
        """Return one: the delegate paints the whole row."""
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a node, its words, its picture or its marks."""
        branch = self._branch(index)
        if branch is None or branch is self._forest.root:
            return None
        node = branch.node
        if role in WORDS:
            return WORDS[role](node)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(node, self.watched(node.key))
        key = node.key
        answers: dict[int, object] = {
            Role.HUE: branch.hue,
            Role.OPEN: key in self._open,
            Role.SEEN: _is_whole(self._shares.get(key)),
            Role.SHARE: self._shares.get(key),
            Qt.ItemDataRole.DecorationRole: self._thumbnails.get(key),
        }
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(node, self._shares.get(key), shown=key in self._open)
        return answers.get(role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return that everything can be selected and displayable series can be dragged."""
        node = self.node(index)
        if node is None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if isinstance(node, SeriesNode):
            flags |= Qt.ItemFlag.ItemNeverHasChildren
            if node.displayable:
                flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the key of the dragged series."""
        dragged = QMimeData()
        node = self.node(indexes[0]) if indexes else None
        if isinstance(node, SeriesNode):
            dragged.setData(SERIES_MIME, QByteArray(node.key.encode()))
        return dragged


def _below(node: Node) -> Sequence[Node]:
    if isinstance(node, PatientNode):
        return node.studies
    return node.series if isinstance(node, StudyNode) else ()


def _words(node: Node) -> tuple[str, ...]:
    if isinstance(node, PatientNode):
        return tuple(single_line(line) for line in node.lines) or ("",)
    if isinstance(node, StudyNode):
        return single_line(node.title), single_line(node.subtitle)
    return single_line(node.title), single_line(node.subtitle), single_line(node.count_text)


def _tip(node: Node, watched: str) -> str:
    own = [node.tooltip] if isinstance(node, SeriesNode) and node.tooltip else _words(node)
    return tooltip("\n".join(word for word in (*own, watched) if word))


def _is_whole(share: tuple[int, int] | None) -> bool:
    return share is not None and share[0] >= share[1] > 0


def _spoken(node: Node, share: tuple[int, int] | None, *, shown: bool) -> str:
    marks = ["shown"] if shown else []
    if share is not None and share[0]:
        marks.append("seen" if _is_whole(share) else f"{share[0]:,} of {share[1]:,} seen")
    if isinstance(node, SeriesNode) and not node.displayable:
        marks.append("cannot be displayed")
    return ", ".join(word for word in (*_words(node), *marks) if word)


WORDS: dict[int, Callable[[Node], object]] = {
    Role.NODE: lambda node: node,
    Qt.ItemDataRole.DisplayRole: lambda node: _words(node)[0],
}
