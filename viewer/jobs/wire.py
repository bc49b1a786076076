"""Frozen dataclasses as bytes between processes, and back: nothing but data, checked against the types.

A message is JSON, led by its arrays' sizes, and after it the raw bytes of each array. Records that
many others belong to (a patient, a study, a series) stand in a table and are referred to by number; many
instances are said field by field, and once what is the same in all of them. The type annotations of the
dataclasses drive both directions; whatever does not fit them exactly is refused, because the sender may be a
worker that a hostile file has taken over. Never pickle.
"""

import json
import math
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from enum import Enum
from functools import cache
from itertools import repeat
from operator import attrgetter, is_
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.records import InstanceRecord, PatientRecord, SeriesRecord, StudyRecord

Buffer = bytes | memoryview
ARRAY_KINDS = "uif"  # what stored values and tables are made of
SHARED: tuple[type, ...] = (PatientRecord, StudyRecord, SeriesRecord)  # sent once a message
ALIKE: tuple[type, ...] = (InstanceRecord,)  # many of them are sent field by field
MOST_SHAPES = 64  # of one kind of record that are remembered: which of its fields are None


class WireError(ValueError):
    """A message that does not say what its type allows."""


@dataclass(slots=True)
class _Parts:
    """What stands beside the value of a message."""

    arrays: list[Buffer]
    shared: list[Any] = field(default_factory=list)  # packed, or unpacked, each after those it refers to
    kinds: list[type] = field(default_factory=list)  # of `shared`
    places: dict[int, int] = field(default_factory=dict)  # identity of a record: its index in `shared`


Step = Callable[[Any, _Parts], Any]


@dataclass(frozen=True, slots=True)
class _Coder:
    """How values of one type become JSON and back; arrays and shared records go beside it."""

    pack: Step
    unpack: Step
    plain: frozenset[type] = frozenset()  # values of exactly these types are the same in JSON


def encode(value: object, kind: Any) -> list[Buffer]:  # noqa: ANN401  a type, a union or a generic alias
    """Return a value of type `kind` as parts: JSON text, then the bytes of each array in it."""
    parts = _Parts([])
    packed = _coder(kind).pack(value, parts)
    shared = [[SHARED.index(kind), record] for kind, record in zip(parts.kinds, parts.shared, strict=True)]
    head = {"sizes": [len(array) for array in parts.arrays], "shared": shared, "value": packed}
    return [json.dumps(head, separators=(",", ":")).encode("ascii"), *parts.arrays]


def array_sizes(head: bytes) -> list[int]:
    """Return how many bytes each array has that follows the first part. Raise WireError."""
    sizes = _parse(head)["sizes"]
    if not isinstance(sizes, list) or not all(type(size) is int and size >= 0 for size in sizes):
        raise WireError("the sizes of the arrays are no numbers")
    return sizes


def decode(parts: Sequence[Buffer], kind: Any) -> Any:  # noqa: ANN401  a value of type `kind`
    """Return the value of type `kind` that `encode` made `parts` of; arrays are read-only.

    Raise WireError when anything is missing, unknown, of another type or of a wrong size.
    """
    head = _parse(bytes(parts[0]))
    if head["sizes"] != [len(part) for part in parts[1:]]:
        raise WireError("an array is missing")
    beside = _Parts(list(parts[1:]))
    for entry in _items(head["shared"]):
        index, packed = _items(entry, 2)
        if type(index) is not int or not 0 <= index < len(SHARED):
            raise WireError("an unknown kind of record")
        beside.shared.append(_record(SHARED[index]).unpack(packed, beside))
        beside.kinds.append(SHARED[index])
    return _coder(kind).unpack(head["value"], beside)


def _parse(head: bytes) -> dict[str, Any]:
    try:
        message = json.loads(head)
    except (ValueError, RecursionError):
        raise WireError("not a message") from None
    if not isinstance(message, dict) or set(message) != {"sizes", "shared", "value"}:
        raise WireError("not a message")
    return message


@cache
def _coder(kind: Any) -> _Coder:  # noqa: ANN401  a type, a union or a generic alias
    """Return the coder of a type; made once."""
    if kind in (str, int, bool, float, type(None)):
        return _scalar(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
    if kind in SHARED:
        return _shared(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    return _generic(kind, get_args(kind))


def _generic(kind: Any, arguments: tuple[Any, ...]) -> _Coder:  # noqa: ANN401  a union or a generic alias
    origin = get_origin(kind)
    alias = getattr(origin, "__value__", None)  # of a `type` statement: numpy >= 2.5 declares NDArray so
    if alias is not None:
        return _coder(alias[arguments])
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is tuple:
        return _tuple(arguments)
    if origin is np.ndarray:
        return _array(get_args(arguments[1])[0])
    if origin in (Mapping, dict) and arguments == (str, str):
        return _text_mapping()
    raise TypeError(f"{kind} cannot be sent")


def _scalar(kind: type) -> _Coder:
    accepted = (int, float) if kind is float else (kind,)

    def check(value: Any, _parts: object) -> Any:  # noqa: ANN401  a JSON value
        if type(value) not in accepted:
            raise WireError(f"{type(value).__name__} instead of {kind.__name__}")
        return kind(value) if kind is float else value

    def pack(value: Any, _parts: object) -> Any:  # noqa: ANN401  a value of `kind`, perhaps a subclass
        return value if value is None else kind(value)

    return _Coder(pack, check, frozenset({kind}))


def _union(members: tuple[Any, ...]) -> _Coder:
    coders = [_coder(member) for member in members]
    plain = [get_origin(member) or member for member in members]
    if len(members) == 2 and type(None) in plain:  # noqa: PLR2004  "X | None": null says it all
        return _optional(coders[1 - plain.index(type(None))])

    def pack(value: Any, parts: _Parts) -> Any:  # noqa: ANN401
        index = next((i for i, member in enumerate(plain) if type(value) is member), None)
        if index is None:
            index = next(i for i, member in enumerate(plain) if isinstance(value, member))
        return [index, coders[index].pack(value, parts)]

    def unpack(packed: Any, parts: _Parts) -> Any:  # noqa: ANN401
        index, value = _items(packed, 2)
        if type(index) is not int or not 0 <= index < len(coders):
            raise WireError("an unknown kind of value")
        return coders[index].unpack(value, parts)

    return _Coder(pack, unpack)


def _optional(coder: _Coder) -> _Coder:
    return _Coder(
        lambda value, parts: None if value is None else coder.pack(value, parts),
        lambda packed, parts: None if packed is None else coder.unpack(packed, parts),
        coder.plain | {type(None)} if coder.plain else coder.plain,
    )


def _tuple(members: tuple[Any, ...]) -> _Coder:
    if len(members) == 2 and members[1] is Ellipsis:  # noqa: PLR2004  tuple[X, ...]
        kinds = get_args(members[0]) or members[:1]
        return _many(kinds) if any(kind in ALIKE for kind in kinds) else _sequence(_coder(members[0]))
    coders = [_coder(member) for member in members]
    return _Coder(
        lambda value, parts: [c.pack(item, parts) for c, item in zip(coders, value, strict=True)],
        lambda packed, parts: tuple(
            c.unpack(item, parts) for c, item in zip(coders, _items(packed, len(coders)), strict=True)
        ),
    )


def _sequence(one: _Coder) -> _Coder:
    """Return the coder of tuple[X, ...]."""

    def pack(value: Any, parts: _Parts) -> Any:  # noqa: ANN401
        if one.plain.issuperset(map(type, value)):
            return value  # a tuple is a list in JSON
        return [one.pack(item, parts) for item in value]

    def unpack(packed: Any, parts: _Parts) -> tuple[Any, ...]:  # noqa: ANN401  a JSON value
        items = _items(packed)
        if one.plain.issuperset(map(type, items)):
            return tuple(items)
        return tuple([one.unpack(item, parts) for item in items])

    return _Coder(pack, unpack)


def _text_mapping() -> _Coder:
    def check(packed: Any, _parts: object) -> dict[str, str]:  # noqa: ANN401  a JSON value
        if not isinstance(packed, dict) or not all(type(text) is str for text in packed.values()):
            raise WireError("not a mapping of text")
        return packed

    return _Coder(lambda value, _: {str(k): str(v) for k, v in value.items()}, check)


def _enum(kind: type[Enum]) -> _Coder:
    def unpack(packed: Any, _parts: object) -> Enum:  # noqa: ANN401  a JSON value
        try:
            return kind(packed)
        except ValueError:
            raise WireError(f"not a {kind.__name__}") from None

    return _Coder(lambda value, _: value.value, unpack)


def _array(scalar: type[np.generic]) -> _Coder:
    """Return the coder of arrays of one scalar type, or of any number when it is np.generic."""

    def pack(value: NDArray[Any], parts: _Parts) -> Any:  # noqa: ANN401
        plain = np.ascontiguousarray(value, value.dtype.newbyteorder("="))
        parts.arrays.append(plain.reshape(-1).view(np.uint8).data)
        return [len(parts.arrays) - 1, plain.dtype.str[1:], list(plain.shape)]

    def unpack(packed: Any, parts: _Parts) -> NDArray[Any]:  # noqa: ANN401
        index, code, shape = _items(packed, 3)
        if type(index) is not int or not 0 <= index < len(parts.arrays):
            raise WireError("an array is missing")
        array = parts.arrays[index]
        dtype = _dtype(code, scalar)
        if not all(type(edge) is int and edge >= 0 for edge in _items(shape)):
            raise WireError("the shape of an array is no numbers")
        size = dtype.itemsize * math.prod(shape)
        if size != len(array):
            raise WireError(f"an array of {len(array)} bytes instead of {size}")
        values = np.frombuffer(array, dtype).reshape(shape)
        values.flags.writeable = False
        return values

    return _Coder(pack, unpack)


def _dtype(code: Any, scalar: type[np.generic]) -> np.dtype[Any]:  # noqa: ANN401  a JSON value
    try:
        dtype = np.dtype(code if isinstance(code, str) else "")
    except TypeError:
        raise WireError("an unknown type of array") from None
    if dtype.kind not in ARRAY_KINDS or not (scalar is np.generic or dtype.type is scalar):
        raise WireError("a wrong type of array")
    return dtype


@cache
def _record(kind: type) -> _Coder:
    """Return the coder of a dataclass: its fields in order, none missing, none more."""
    hints = get_type_hints(kind)
    names, coders = tuple(hints), tuple(map(_coder, hints.values()))
    get = attrgetter(*names)
    coded = _by_shape(coders)

    def pack(value: Any, parts: _Parts) -> Any:  # noqa: ANN401
        if type(value) is not kind:
            raise WireError(f"{type(value).__name__} instead of {kind.__name__}")
        values = list(get(value)) if len(names) > 1 else [get(value)]
        for index, coder in coded(values):
            values[index] = coder.pack(values[index], parts)
        return values

    def unpack(packed: Any, parts: _Parts) -> Any:  # noqa: ANN401
        items = _items(packed, len(coders))
        for index, coder in coded(items):
            items[index] = coder.unpack(items[index], parts)
        return kind(*items)

    return _Coder(pack, unpack)


@dataclass(frozen=True, slots=True)
class _Columns:
    """How many values of one type travel: field by field for ALIKE, else one after the other."""

    kind: type
    coder: _Coder  # of one value
    names: tuple[str, ...] = ()  # of the fields of ALIKE
    fields: tuple[_Coder, ...] = ()

    def pack(self, values: Sequence[Any], parts: _Parts) -> list[Any]:
        """Return one list for each field, of one item where all are the same."""
        if not self.fields or not values:
            return [self.coder.pack(value, parts) for value in values]
        columns = zip(*map(attrgetter(*self.names), values), strict=True)
        return [_pack_column(one, column, parts) for one, column in zip(self.fields, columns, strict=True)]

    def unpack(self, packed: Any, count: int, parts: _Parts) -> list[Any]:  # noqa: ANN401  a JSON value
        """Return `count` values. Raise WireError when there are more or fewer of anything."""
        if not self.fields or not count:
            return [self.coder.unpack(item, parts) for item in _items(packed, count)]
        lists = zip(self.fields, _items(packed, len(self.fields)), strict=True)
        return list(map(self.kind, *(_unpack_column(one, column, count, parts) for one, column in lists)))


def _pack_column(coder: _Coder, column: Sequence[Any], parts: _Parts) -> list[Any]:
    if all(map(is_, column, repeat(column[0]))):
        return [coder.pack(column[0], parts)]
    plain = coder.plain.issuperset(map(type, column))
    return list(column) if plain else [coder.pack(value, parts) for value in column]


def _unpack_column(coder: _Coder, packed: Any, count: int, parts: _Parts) -> Iterable[Any]:  # noqa: ANN401
    items = _items(packed)
    if len(items) == 1:
        return repeat(coder.unpack(items[0], parts), count)
    if len(items) != count:
        raise WireError("a record without some of its fields")
    plain = coder.plain.issuperset(map(type, items))
    return items if plain else [coder.unpack(item, parts) for item in items]


def _many(kinds: Sequence[type]) -> _Coder:
    """Return the coder of tuple[A | B, ...] of records: which is of which kind, then those of each kind."""
    groups = [_columns(kind) for kind in kinds]
    places = {kind: index for index, kind in enumerate(kinds)}

    def pack(value: Any, parts: _Parts) -> list[Any]:  # noqa: ANN401
        sorted_: list[list[Any]] = [[] for _ in groups]
        which = [places.get(type(item), -1) for item in value]
        if -1 in which:
            raise WireError("a value of another kind")
        for item, place in zip(value, which, strict=True):
            sorted_[place].append(item)
        return [which, [group.pack(items, parts) for group, items in zip(groups, sorted_, strict=True)]]

    def unpack(packed: Any, parts: _Parts) -> tuple[Any, ...]:  # noqa: ANN401  a JSON value
        which, lists = _items(packed, 2)
        counts = [_items(which).count(index) for index in range(len(groups))]
        if sum(counts) != len(which) or not {int}.issuperset(map(type, which)):
            raise WireError("an unknown kind of value")
        sorted_ = zip(groups, _items(lists, len(groups)), counts, strict=True)
        found = [iter(group.unpack(items, count, parts)) for group, items, count in sorted_]
        return tuple([next(found[index]) for index in which])

    return _Coder(pack, unpack)


def _columns(kind: type) -> _Columns:
    hints = get_type_hints(kind) if kind in ALIKE else {}
    return _Columns(kind, _coder(kind), tuple(hints), tuple(map(_coder, hints.values())))


def _by_shape(coders: Sequence[_Coder]) -> Callable[[Iterable[Any]], list[tuple[int, _Coder]]]:
    """Return a function that tells which fields are not the same in JSON, by the types of all of them."""
    shapes: dict[tuple[type, ...], list[tuple[int, _Coder]]] = {}

    def coded(values: Iterable[Any]) -> list[tuple[int, _Coder]]:
        shape = tuple(map(type, values))
        found = shapes.get(shape)
        if found is None:
            fields_ = enumerate(zip(coders, shape, strict=True))
            found = [(index, coder) for index, (coder, one) in fields_ if one not in coder.plain]
            if len(shapes) < MOST_SHAPES:
                shapes[shape] = found
        return found

    return coded


def _shared(kind: type) -> _Coder:
    """Return the coder of a record that stands in the table of the message: its index there."""
    record = _record(kind)

    def pack(value: Any, parts: _Parts) -> int:  # noqa: ANN401
        place = parts.places.get(id(value))
        if place is None:
            packed = record.pack(value, parts)
            place = parts.places[id(value)] = len(parts.shared)
            parts.shared.append(packed)
            parts.kinds.append(kind)
        return place

    def unpack(packed: Any, parts: _Parts) -> Any:  # noqa: ANN401  a JSON value
        if type(packed) is not int or not 0 <= packed < len(parts.shared) or parts.kinds[packed] is not kind:
            raise WireError("a record is missing")
        return parts.shared[packed]

    return _Coder(pack, unpack)


def _items(packed: Any, count: int | None = None) -> list[Any]:  # noqa: ANN401  a JSON value
    if not isinstance(packed, list) or (count is not None and len(packed) != count):
        raise WireError("a list of another length")
    return packed
