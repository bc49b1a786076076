"""The worker process: the only place where bytes of files from outside are parsed and decoded."""

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection

from viewer.dicom.bulk import Located, locate
from viewer.dicom.dicomdir import MediaDirectory, read_directory
from viewer.dicom.document import Document, read_document
from viewer.dicom.index import Outcome, index_file
from viewer.dicom.pixels import FrameReader
from viewer.dicom.read import shown_path
from viewer.dicom.recall import Recall
from viewer.dicom.records import Refused
from viewer.dicom.transcode import Recoded, recode
from viewer.errors import ViewerError
from viewer.jobs import wire
from viewer.jobs.messages import Indexed, Kind, Places, ReadFrame, Request, Task, receive, send
from viewer.jobs.sandbox import confine
from viewer.rendering.icc import tried

MAX_SENTENCE = 2000  # characters of an error


@dataclass(frozen=True, slots=True)
class _Readers:
    """What a worker keeps between two requests."""

    frames: FrameReader = field(default_factory=FrameReader)
    recall: Recall = field(default_factory=Recall)


def run(connection: Connection) -> None:
    """Answer requests until the program closes the connection. The main function of the process."""
    confine()
    wire.encode(Indexed(()), Indexed)  # so that the first answer need not wait for its types to be looked at
    gc.freeze()  # what was imported stays: not to be walked through again and again
    readers = _Readers()
    try:
        send(connection, Kind.READY, "", str)
        while True:
            _, parts = receive(connection)
            _answer(connection, readers, wire.decode(parts, Request))
    except (EOFError, OSError):  # the program has ended or wants no more
        return


def _answer(connection: Connection, readers: _Readers, request: Request) -> None:
    """Answer one request, with an error in words when it fails."""
    try:
        value, kind = TASKS[request.task](connection, readers, request)
    except ViewerError as error:
        sentence = str(error)
    except MemoryError:
        sentence = f"{_subject(request)}: it needs more memory than one image may take"
    except (KeyboardInterrupt, SystemExit, EOFError):
        raise
    except BaseException as error:  # noqa: BLE001  whatever a codec throws, the worker lives on
        sentence = f"{_subject(request)} could not be read: {type(error).__name__}"
    else:
        send(connection, Kind.ANSWER, value, kind)
        return
    send(connection, Kind.ERROR, sentence[:MAX_SENTENCE], str)


def _subject(request: Request) -> str:
    return shown_path(request.paths[0]) if request.paths else "nothing"


def _read_frame(connection: Connection, readers: _Readers, request: Request) -> tuple[object, object]:
    def announce(pixels: int) -> None:
        send(connection, Kind.SIZE, pixels, int)

    description, frame = readers.frames.read(request.paths[0], request.frame_number, announce=announce)
    return ReadFrame(tried(description), frame), ReadFrame


def _index(_connection: Connection, readers: _Readers, request: Request) -> tuple[object, object]:
    return Indexed(tuple(_index_one(path, readers.recall) for path in request.paths)), Indexed


def _index_one(path: str, recall: Recall) -> Outcome:
    """Return the outcome for one file; a fault costs this file, not its neighbours in the batch."""
    try:
        return index_file(path, recall)
    except MemoryError:
        return Refused(path, "its header needs more memory than a header may")
    except Exception as error:  # noqa: BLE001  a parser's surprise at bytes from outside
        return Refused(path, f"its header is damaged ({type(error).__name__})")


def _locate(_connection: Connection, _readers: _Readers, request: Request) -> tuple[object, object]:
    pairs = zip(request.paths, request.frame_numbers, strict=True)
    return Places(tuple(one for path, numbers in pairs for one in _locate_in(path, numbers))), Places


def _locate_in(path: str, numbers: Sequence[int]) -> Sequence[Located | None]:
    """Return where frames of one file stand; one whose description has tables is read by itself."""
    try:
        found = [one and replace(one, description=tried(one.description)) for one in locate(path, numbers)]
        return [one if len(wire.encode(one, Located | None)) == 1 else None for one in found]
    except Exception:  # noqa: BLE001  whoever reads the frame itself is told what is wrong with it
        return [None] * len(numbers)


def _directory(_connection: Connection, _readers: _Readers, request: Request) -> tuple[object, object]:
    return read_directory(request.paths[0]), MediaDirectory


def _document(_connection: Connection, _readers: _Readers, request: Request) -> tuple[object, object]:
    return read_document(request.paths[0]), Document


def _recode(connection: Connection, _readers: _Readers, request: Request) -> tuple[object, object]:
    def announce(pixels: int) -> None:
        send(connection, Kind.SIZE, pixels, int)

    return recode(request.paths[0], request.syntaxes, announce), Recoded


TASKS = {
    Task.READ_FRAME: _read_frame,
    Task.INDEX: _index,
    Task.LOCATE: _locate,
    Task.DIRECTORY: _directory,
    Task.DOCUMENT: _document,
    Task.RECODE: _recode,
}
