"""What the user has set: one tree of the packages' own settings, and the TOML file that keeps it.

The file is the user's: comments, order and keys that we do not know stay as they are. What cannot be used is
said in a sentence, and its default holds.
"""

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from dataclasses import replace as replaced
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array

from viewer.cache.eviction import Limits
from viewer.dicom.text import printable, shown_path
from viewer.errors import ViewerError
from viewer.network.listener_settings import ListenerSettings
from viewer.network.peer import Peer
from viewer.tools.keys import KeyChoice
from viewer.tools.mouse import Mouse, tool_names
from viewer.viewing.appearance import Appearance
from viewer.viewing.monitors import LARGEST, SMALLEST, Monitor, is_pitch
from viewer.viewing.window_places import WindowPlace

MOST_BYTES = 1 << 20  # of a settings file; an honest one has a few thousand
_AE_TITLE = 16  # characters at most (PS3.5 6.2, VR AE)
_PORT = (lambda value: 1 <= value <= 65535, "a port from 1 to 65535")  # noqa: PLR2004  of TCP
_TITLE = (
    lambda value: len(value) <= _AE_TITLE and value.isascii() and "\\" not in value,
    "an AE title of at most 16 ASCII characters",
)
_TOOL = (lambda value: value in tool_names(), "the name of a tool such as scroll, window, zoom or pan")
# What a value must be beyond its type, by the name of its field.
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "port": _PORT,
    "ae_title": _TITLE,
    "calling_ae_title": _TITLE,
    "max_bytes": (lambda value: value >= 0, "a number of bytes"),
    "floor_free_bytes": (lambda value: value >= 0, "a number of bytes"),
    "youngest_minutes": (lambda value: value >= 0, "a number of minutes"),
    "left": _TOOL,
    "middle": _TOOL,
    "right": _TOOL,
    "pitch": (is_pitch, f"millimetres of a pixel from {SMALLEST} to {LARGEST}"),
    "associations": (lambda value: 1 <= value <= 16, "a number of associations from 1 to 16"),  # noqa: PLR2004  a PACS serves others too
    "timeout": (lambda value: 1 <= value <= 600, "a number of seconds from 1 to 600"),  # noqa: PLR2004  what a person waits
}
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text in quotes"}

_CHANGING = threading.Lock()  # several rooms of one window change the file, each in a thread of its own

Table = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the user can set. It travels as an argument and is replaced as a whole."""

    peers: tuple[Peer, ...] = field(default=(), metadata={"key": "peer"})
    cache: Limits | None = None  # None: by the size of its disk, `Limits.of`
    listener: ListenerSettings = field(default_factory=ListenerSettings)
    appearance: Appearance = field(default_factory=Appearance)
    mouse: Mouse = field(default_factory=Mouse)
    keys: tuple[KeyChoice, ...] = field(default=(), metadata={"key": "key"})
    monitors: tuple[Monitor, ...] = field(default=(), metadata={"key": "monitor"})  # those that were measured
    windows: tuple[WindowPlace, ...] = field(default=(), metadata={"key": "window"})  # where they stood
    remember_opened: bool = True  # which studies were opened and when: it is told to nobody
    ask_unseen: bool = True  # about images that were not seen, when a study is closed


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and what of their file could not be used: sentences for people."""

    settings: Settings = Settings()
    notices: tuple[str, ...] = ()


def load(path: Path) -> Loaded:
    """Return the settings of a file; the defaults where it says nothing or there is none. Never raises."""
    try:
        return loaded(_text(path), shown_path(str(path)))
    except ViewerError as error:
        return Loaded(notices=(str(error),))


def loaded(text: str, name: str) -> Loaded:
    """Return the settings that a text holds; `name` is what sentences call its file.

    Raises ViewerError when it is no TOML.
    """
    reader = _Reader(name)
    settings = reader.read(Settings, _parsed(text, name), "")
    return Loaded(settings, tuple(reader.notices))


def saved(settings: Settings, text: str, name: str) -> str:
    """Return the text of a settings file changed so that it holds `settings`; all else stays as it was.

    Raises ViewerError when it is no TOML: what a person wrote is not overwritten.
    """
    document = _parsed(text, name)
    _write(settings, _Reader(name).read(Settings, document, ""), document)
    return tomlkit.dumps(document)


def change(path: Path, edit: Callable[[Settings], Settings]) -> Settings:
    """Read a file afresh, edit its settings and save them; return what holds now.

    Another window or command may have changed the file since it was loaded, so what is handed in is the edit
    and not its outcome. Raises ViewerError; the file is then as it was.
    """
    name = shown_path(str(path))
    with _CHANGING:
        text = _text(path)
        settings = edit(loaded(text, name).settings)
        try:
            _replace(path, saved(settings, text, name))
        except OSError as error:
            raise ViewerError(f"{name} cannot be written: {error.strerror or 'no reason given'}.") from error
    return settings


def _text(path: Path) -> str:
    name = shown_path(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ViewerError(f"{name} is no settings file: it has more than {MOST_BYTES >> 20} MiB.")
        return data.decode("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ViewerError(f"{name} cannot be read: {error.strerror or 'no reason given'}.") from error
    except UnicodeDecodeError as error:
        raise ViewerError(f"{name} is no settings file: it is not UTF-8 text.") from error


def _parsed(text: str, name: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except (TOMLKitError, ValueError, RecursionError) as error:
        place = f" in line {error.line}" if hasattr(error, "line") else ""
        raise ViewerError(f"{name} cannot be understood{place}: correct it, or remove it.") from error


def _replace(path: Path, text: str) -> None:
    """Write a file so that after a crash either the old or the new text is there; only its owner reads it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = path.resolve()  # a link stays one
    descriptor, temporary = tempfile.mkstemp(prefix=".settings-", dir=target.parent)  # made with 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


# ----------------------------------------------------------------------------------- tables <-> dataclasses
def _keys(kind: type) -> Iterator[tuple[str, str, Any]]:
    """Yield the key in the file, the name and the type of each field of a dataclass."""
    hints = get_type_hints(kind)
    for each in fields(kind):
        yield each.metadata.get("key", each.name), each.name, hints[each.name]


def _optional(kind: Any) -> Any:  # noqa: ANN401  a type is any object to typing
    """Return X of `X | None`, else the type itself."""
    inner = [each for each in get_args(kind) if each is not NoneType]
    return inner[0] if NoneType in get_args(kind) else kind


def _has_default(each: Field[Any]) -> bool:
    return each.default is not MISSING or each.default_factory is not MISSING


class _Unusable(Exception):  # noqa: N818  it never leaves this module
    """A value that cannot be used; the message says what is expected."""


class _Reader:
    """Reads tables as dataclasses and keeps a sentence for each thing that it could not use."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.notices: list[str] = []

    def read(self, kind: Any, table: Table, where: str) -> Any:  # noqa: ANN401  a dataclass and one of it
        """Return a dataclass of a kind as a table describes it."""
        found: dict[str, Any] = {}
        known = set()
        for key, name, hint in _keys(kind):
            known.add(key)
            if key in table:
                with self._telling(f"{where}{key}"):
                    found[name] = self._value(name, hint, table[key], f"{where}{key}")
        for key in table:
            if key not in known:
                self.notices.append(
                    f"{self._name}: the key {printable(where + key)} is not known; it is kept."
                )
        missing = [each.name for each in fields(kind) if not _has_default(each) and each.name not in found]
        if missing:
            raise _Unusable(f"a table with {' and '.join(missing)}")
        return kind(**found)

    @contextlib.contextmanager
    def _telling(self, where: str) -> Iterator[None]:
        try:
            yield
        except _Unusable as error:
            self.notices.append(f"{self._name}: {printable(where)} must be {error}; the default is used.")

    def _value(self, name: str, hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401  anything of a file
        kind = _optional(hint)
        if get_args(kind) and is_dataclass(get_args(kind)[0]):
            return self._several(get_args(kind)[0], value, where)
        if is_dataclass(kind):
            if not isinstance(value, MutableMapping):
                raise _Unusable("a table")
            return self.read(kind, value, f"{where}.")
        made = _scalar(kind, value)
        fits, expected = _RULES.get(name, (lambda _: True, ""))
        if not fits(made):
            raise _Unusable(expected)
        return made

    def _several(self, kind: Any, value: Any, where: str) -> tuple[Any, ...]:  # noqa: ANN401  the same
        """Return named things of an array of tables; those without a name of their own are left out."""
        if not isinstance(value, list):
            raise _Unusable(f"tables, each beginning with [[{where}]]")
        found: dict[str, Any] = {}
        for number, table in enumerate(value, 1):
            name = named(table)
            place = f"{where} {number}"
            if not name:
                self.notices.append(f"{self._name}: {place} has no name; it is left out.")
            elif name in found:
                self.notices.append(
                    f"{self._name}: {place} has the name of another, {printable(name)}; it is left out."
                )
            else:
                found[name] = self.read(kind, table, f"{where} {printable(name)}: ")
        return tuple(found.values())


def named(table: Any) -> str:  # noqa: ANN401  anything that a file may hold
    """Return the name of one of several things, "" when it has none."""
    name = table.get("name") if isinstance(table, MutableMapping) else None
    return str(name) if isinstance(name, str) else ""


def _scalar(kind: Any, value: Any) -> Any:  # noqa: ANN401  anything of a file
    """Return a value as the type has it, free of what tomlkit hangs on it. Raise _Unusable."""
    plain = value.unwrap() if hasattr(value, "unwrap") else value
    if isinstance(kind, type) and issubclass(kind, Enum):
        words = [str(each.value) for each in kind]
        if plain not in words:
            raise _Unusable("one of " + ", ".join(f'"{word}"' for word in words))
        return kind(plain)
    if get_args(kind):  # tuple[str, ...]
        if not (isinstance(plain, list) and all(isinstance(each, str) for each in plain)):
            raise _Unusable('a list of texts such as ["A", "B"]')
        return tuple(plain)
    if kind is float and type(plain) is int:
        return float(plain)
    if type(plain) is not kind:  # exactly: true is no number
        raise _Unusable(_KINDS[kind])
    return plain


def _write(new: Any, old: Any, table: Table) -> None:  # noqa: ANN401  two dataclasses of one kind
    """Change a table that was read as `old` so that it is read as `new`."""
    for key, name, _ in _keys(type(new)):
        after, before = getattr(new, name), getattr(old, name)
        if after == before:
            continue
        if isinstance(after, tuple) and any(is_dataclass(each) for each in (*after, *before)):
            _write_several(after, before, table, key)
        elif is_dataclass(after):
            if before is None or not isinstance(table.get(key), MutableMapping):
                table[key] = _new_table(after)
            else:
                _write(after, before, table[key])
        elif after is None:
            table.pop(key, None)
        else:
            table[key] = _plain(after)


def _write_several(new: tuple[Any, ...], old: tuple[Any, ...], table: Table, key: str) -> None:
    """Change, add and remove the tables of an array by their names; those without one stay."""
    tables = _tables(table, key)
    before, after = ({each.name: each for each in items} for items in (old, new))
    seen: set[str] = set()
    for place in range(len(tables) - 1, -1, -1):
        name = named(tables[place])
        if name in before and name not in after:
            del tables[place]
    for each in tables:
        name = named(each)
        if name in after and name not in seen:
            seen.add(name)
            _write(after[name], before[name], each)
    names = [*after]
    for place, name in enumerate(names):
        if name not in before:
            where = _place(tables, names[place + 1 :])
            tables.insert(where, _new_table(after[name]))  # type: ignore[arg-type]  # it takes any table


def _place(tables: AoT, following: Sequence[str]) -> int:
    """Return where a new table stands: before the first that is to follow it, else at the end."""
    return next((place for place, each in enumerate(tables) if named(each) in following), len(tables))


def _tables(table: Table, key: str) -> AoT:
    """Return an array of tables as one that can be changed: one in a single line cannot hold tables."""
    tables = table.get(key)
    if isinstance(tables, AoT):
        return tables
    made = tomlkit.aot()
    for each in tables.unwrap() if isinstance(tables, Array) else []:
        if isinstance(each, dict):
            made.append(tomlkit.item(each))
    table.pop(key, None)
    table[key] = made
    return made


def _new_table(value: Any) -> Table:  # noqa: ANN401  a dataclass
    """Return a table of what differs from the defaults."""
    made = tomlkit.table()
    for each in fields(value):
        content = getattr(value, each.name)
        if each.default is MISSING or content != each.default:
            made[each.name] = _new_table(content) if is_dataclass(content) else _plain(content)
    return made


def _plain(value: Any) -> Any:  # noqa: ANN401  a field's value
    """Return a value as TOML has it."""
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def with_peer(settings: Settings, peer: Peer) -> Settings:
    """Return settings with a peer added, in the place of the one of the same name where there is one."""
    others = {each.name: each for each in settings.peers}
    return replaced(settings, peers=tuple((others | {peer.name: peer}).values()))


def without_peer(settings: Settings, name: str) -> Settings:
    """Return settings without the peer of a name."""
    return replaced(settings, peers=tuple(each for each in settings.peers if each.name != name))
