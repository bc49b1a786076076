"""Frozen dataclasses as bytes between processes, and back: nothing but data, checked against the types.

A message is JSON, led by its arrays' sizes, and after it the raw bytes of each array. The type
annotations of the dataclasses drive both directions; whatever does not fit them exactly is refused,
because the sender may be a worker that a hostile file has taken over. Never pickle.
"""

import json
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

Buffer = bytes | memoryview
ARRAY_KINDS = "uif"  # what stored values and tables are made of


class WireError(ValueError):
    """A message that does not say what its type allows."""


@dataclass(frozen=True, slots=True)
class _Coder:
    """How values of one type become JSON and back; arrays go into, or come from, a list beside it."""

    pack: Callable[[Any, list[Buffer]], Any]
    unpack: Callable[[Any, Sequence[Buffer]], Any]


def encode(value: object, kind: Any) -> list[Buffer]:  # noqa: ANN401  a type, a union or a generic alias
    """Return a value of type `kind` as parts: JSON text, then the bytes of each array in it."""
    buffers: list[Buffer] = []
    packed = _coder(kind).pack(value, buffers)
    head = {"sizes": [len(buffer) for buffer in buffers], "value": packed}
    return [json.dumps(head, separators=(",", ":")).encode("ascii"), *buffers]


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
    return _coder(kind).unpack(head["value"], parts[1:])


def _parse(head: bytes) -> dict[str, Any]:
    try:
        message = json.loads(head)
    except (ValueError, RecursionError):
        raise WireError("not a message") from None
    if not isinstance(message, dict) or set(message) != {"sizes", "value"}:
        raise WireError("not a message")
    return message


@cache
def _coder(kind: Any) -> _Coder:  # noqa: ANN401  a type, a union or a generic alias
    """Return the coder of a type; made once."""
    if kind in (str, int, bool, float, type(None)):
        return _scalar(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
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

    def check(value: Any, _buffers: object) -> Any:  # noqa: ANN401  a JSON value
        if type(value) not in accepted:
            raise WireError(f"{type(value).__name__} instead of {kind.__name__}")
        return kind(value) if kind is float else value

    def pack(value: Any, _buffers: object) -> Any:  # noqa: ANN401  a value of `kind`, perhaps a subclass
        return value if value is None else kind(value)

    return _Coder(pack, check)


def _union(members: tuple[Any, ...]) -> _Coder:
    coders = [_coder(member) for member in members]
    plain = [get_origin(member) or member for member in members]
    if len(members) == 2 and type(None) in plain:  # noqa: PLR2004  "X | None": null says it all
        return _optional(coders[1 - plain.index(type(None))])

    def pack(value: Any, buffers: list[Buffer]) -> Any:  # noqa: ANN401
        index = next((i for i, member in enumerate(plain) if type(value) is member), None)
        if index is None:
            index = next(i for i, member in enumerate(plain) if isinstance(value, member))
        return [index, coders[index].pack(value, buffers)]

    def unpack(packed: Any, buffers: Sequence[Buffer]) -> Any:  # noqa: ANN401
        index, value = _items(packed, 2)
        if type(index) is not int or not 0 <= index < len(coders):
            raise WireError("an unknown kind of value")
        return coders[index].unpack(value, buffers)

    return _Coder(pack, unpack)


def _optional(coder: _Coder) -> _Coder:
    return _Coder(
        lambda value, buffers: None if value is None else coder.pack(value, buffers),
        lambda packed, buffers: None if packed is None else coder.unpack(packed, buffers),
    )


def _tuple(members: tuple[Any, ...]) -> _Coder:
    if len(members) == 2 and members[1] is Ellipsis:  # noqa: PLR2004  tuple[X, ...]
        one = _coder(members[0])
        return _Coder(
            lambda value, buffers: [one.pack(item, buffers) for item in value],
            lambda packed, buffers: tuple(one.unpack(item, buffers) for item in _items(packed)),
        )
    coders = [_coder(member) for member in members]
    return _Coder(
        lambda value, buffers: [c.pack(item, buffers) for c, item in zip(coders, value, strict=True)],
        lambda packed, buffers: tuple(
            c.unpack(item, buffers) for c, item in zip(coders, _items(packed, len(coders)), strict=True)
        ),
    )


def _text_mapping() -> _Coder:
    def check(packed: Any, _buffers: object) -> dict[str, str]:  # noqa: ANN401  a JSON value
        if not isinstance(packed, dict) or not all(type(text) is str for text in packed.values()):
            raise WireError("not a mapping of text")
        return packed

    return _Coder(lambda value, _: {str(k): str(v) for k, v in value.items()}, check)


def _enum(kind: type[Enum]) -> _Coder:
    def unpack(packed: Any, _buffers: object) -> Enum:  # noqa: ANN401  a JSON value
        try:
            return kind(packed)
        except ValueError:
            raise WireError(f"not a {kind.__name__}") from None

    return _Coder(lambda value, _: value.value, unpack)


def _array(scalar: type[np.generic]) -> _Coder:
    """Return the coder of arrays of one scalar type, or of any number when it is np.generic."""

    def pack(value: NDArray[Any], buffers: list[Buffer]) -> Any:  # noqa: ANN401
        plain = np.ascontiguousarray(value, value.dtype.newbyteorder("="))
        buffers.append(plain.reshape(-1).view(np.uint8).data)
        return [len(buffers) - 1, plain.dtype.str[1:], list(plain.shape)]

    def unpack(packed: Any, buffers: Sequence[Buffer]) -> NDArray[Any]:  # noqa: ANN401
        index, code, shape = _items(packed, 3)
        if type(index) is not int or not 0 <= index < len(buffers):
            raise WireError("an array is missing")
        dtype = _dtype(code, scalar)
        if not all(type(edge) is int and edge >= 0 for edge in _items(shape)):
            raise WireError("the shape of an array is no numbers")
        size = dtype.itemsize
        for edge in shape:
            size *= edge
        if size != len(buffers[index]):
            raise WireError(f"an array of {len(buffers[index])} bytes instead of {size}")
        values = np.frombuffer(buffers[index], dtype).reshape(shape)
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


def _record(kind: type) -> _Coder:
    """Return the coder of a dataclass: its fields in order, none missing, none more."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    coders = [_coder(hints[name]) for name in names]

    def pack(value: Any, buffers: list[Buffer]) -> Any:  # noqa: ANN401
        if type(value) is not kind:
            raise WireError(f"{type(value).__name__} instead of {kind.__name__}")
        return [c.pack(getattr(value, name), buffers) for c, name in zip(coders, names, strict=True)]

    def unpack(packed: Any, buffers: Sequence[Buffer]) -> Any:  # noqa: ANN401
        items = _items(packed, len(coders))
        return kind(*[c.unpack(item, buffers) for c, item in zip(coders, items, strict=True)])

    return _Coder(pack, unpack)


def _items(packed: Any, count: int | None = None) -> list[Any]:  # noqa: ANN401  a JSON value
    if not isinstance(packed, list) or (count is not None and len(packed) != count):
        raise WireError("a list of another length")
    return packed
