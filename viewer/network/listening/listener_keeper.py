"""Has what arrives made safe, in batches and in a thread of its own, and answers for it."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.errors import ViewerError
from viewer.network.dimse import status
from viewer.network.dimse.commitment import Promise
from viewer.network.listening.listener_process import ListenerProcess
from viewer.network.listening.scp_messages import Answer, Arrived, Promised
from viewer.network.peer import Received

BATCH = 64  # objects that are made safe at once
_STOPPING = 0.5  # s

OnReceived = Callable[[list[Received]], Sequence[bool | str]]
OnPromise = Callable[[Promise, str], None]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one object."""

    message: Arrived
    received: Received | None  # None: there was no such file
    words: str  # why it is not kept, "" when it is


@dataclass(frozen=True, slots=True)
class Keeping:
    """By what functions things are made safe; all are called from the thread of the keeper."""

    received: OnReceived
    promised: OnPromise
    kept: Callable[[Sequence[Kept]], None]  # hears of every object
    named: Callable[[str, str], str]  # the name of a peer by its AE title and address


class Keeper:
    """A thread and its queue."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._queue: queue.SimpleQueue[tuple[ListenerProcess, Arrived | Promised] | None] = (
            queue.SimpleQueue()
        )
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="listener keeper", daemon=True)
        self._thread.start()

    def take(self, process: ListenerProcess, message: Arrived | Promised) -> None:
        """Have something made safe; the process is answered."""
        self._queue.put((process, message))

    def stop(self) -> None:
        """End the thread after the batch that it is at; what still waits is dropped."""
        self._stopped = True
        self._queue.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join(_STOPPING)

    def _run(self) -> None:
        while not self._stopped:
            batch = [self._queue.get()]
            while len(batch) < BATCH and batch[-1] is not None and not self._queue.empty():
                batch.append(self._queue.get())
            several = [each for each in batch if each is not None]
            for process in dict.fromkeys(process for process, _ in several):
                self._keep(process, [message for each, message in several if each is process])

    def _keep(self, process: ListenerProcess, messages: Sequence[Arrived | Promised]) -> None:
        arrived = [message for message in messages if isinstance(message, Arrived)]
        if arrived:
            self._keep_objects(process, arrived)
        for message in messages:
            if isinstance(message, Promised):
                promise = Promise(message.transaction_uid, message.kept, message.refused)
                code = status.SUCCESS
                try:
                    self._keeping.promised(promise, message.caller)
                except Exception:  # noqa: BLE001  the peer is told and may say it again
                    code = status.PROCESSING_FAILURE
                process.tell(Answer((message.number,), (code,), ("",)))

    def _keep_objects(self, process: ListenerProcess, arrived: Sequence[Arrived]) -> None:
        named = self._keeping.named
        taken = [process.take(message, named(message.caller, message.address)) for message in arrived]
        files = [received for received in taken if received is not None]
        answers = dict(zip((received.path for received in files), self._answers(files), strict=True))
        found, codes = [], []
        for message, received in zip(arrived, taken, strict=True):
            code, words = _meaning(answers[received.path]) if received else _NO_FILE
            if received and code != status.SUCCESS:
                Path(received.path).unlink(missing_ok=True)
            codes.append(code)
            found.append(Kept(message, received, words))
        numbers = tuple(message.number for message in arrived)
        try:
            self._keeping.kept(found)  # first: who has an answer may look at once at what is counted
        finally:
            process.tell(Answer(numbers, tuple(codes), tuple(each.words for each in found)))
            if len(files) < len(arrived):
                process.kill()  # it told of files that are not there: it is not ours any more

    def _answers(self, files: list[Received]) -> Sequence[bool | str]:
        if not files:
            return ()
        try:
            answers = self._keeping.received(files)
        except ViewerError as error:
            return [str(error)] * len(files)
        except Exception as error:  # noqa: BLE001  the sender keeps what it could not hand over
            return [f"a fault of the program ({type(error).__name__})"] * len(files)
        return answers if len(answers) == len(files) else [False] * len(files)


_NO_FILE = (status.PROCESSING_FAILURE, "it was lost")


def _meaning(answer: bool | str) -> tuple[int, str]:  # noqa: FBT001  as it was answered
    """Return the status and the words of an answer."""
    if answer is True:
        return status.SUCCESS, ""
    if answer is False:
        return status.OUT_OF_RESOURCES, "it cannot be kept just now"
    return status.CANNOT_UNDERSTAND, str(answer) or "it cannot be kept"
