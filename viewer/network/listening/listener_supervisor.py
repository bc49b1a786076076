"""Keeps the process that listens alive: heard in a thread of its own, replaced when it is worn or dies."""

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from viewer.network.listening.listener_config import ListenerConfig
from viewer.network.listening.listener_process import ListenerProcess
from viewer.network.listening.scp_messages import Expect, Heard, Ready, Said, Worn

_MOST_DEATHS, _WITHIN = 5, 60.0  # more in so many seconds, and it is not started again
_STOPPING = 1.5  # s

OnSaid = Callable[[ListenerProcess, Said], None]


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears of what."""

    said: OnSaid  # anything that a process says, in the thread of that process
    died: Callable[[str], None]  # a process died; with a sentence when no other is started


class Supervisor:
    """One socket, and the processes that serve it: one, or two while one takes over from another."""

    def __init__(self, config: ListenerConfig, folder: Path, door: socket.socket, ears: Ears) -> None:
        """Raise OSError when no process can be started."""
        self._config, self._folder, self._door, self._ears = config, folder, door, ears
        self._changed = threading.Condition(threading.RLock())
        self._heard: dict[
            ListenerProcess, int
        ] = {}  # which Expect each process has heard of; those that live
        self._current: ListenerProcess | None = None
        self._threads: list[threading.Thread] = []
        self._deaths: deque[float] = deque(maxlen=_MOST_DEATHS)
        self._expect = Expect(0, (), ())
        self._stopped = False
        self._start()

    @property
    def pid(self) -> int:
        """Return the id of the process that serves new callers, 0 for none."""
        with self._changed:
            return self._current.pid if self._current else 0

    def expect(self, studies: set[str], uids: set[str], seconds: float) -> None:
        """Have what is asked for by C-MOVE let in; return when it would be, at most after `seconds`."""
        with self._changed:
            number = self._expect.number + 1
            self._expect = Expect(number, tuple(studies), tuple(uids))
            for process in self._heard:
                process.tell(self._expect)
            until = time.monotonic() + seconds
            while not self._stopped and any(heard < number for heard in self._heard.values()):
                left = until - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(left)

    def stop(self) -> None:
        """Close the door and end all processes, within two seconds."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            processes, threads = tuple(self._heard), tuple(self._threads)
        self._door.close()
        ending = [threading.Thread(target=process.end, name="listener ending") for process in processes]
        for each in ending:
            each.start()
        for each in (*ending, *threads):
            if each is not threading.current_thread():
                each.join(_STOPPING)

    def _start(self) -> None:
        """Start a process, which serves new callers from now on."""
        process = ListenerProcess(self._config, self._folder, self._door)
        process.tell(self._expect)
        self._current = process
        self._heard[process] = 0
        thread = threading.Thread(target=self._hear, args=(process,), name="listener", daemon=True)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def _hear(self, process: ListenerProcess) -> None:
        while (message := process.hear()) is not None:
            if isinstance(message, Heard):
                with self._changed:
                    self._heard[process] = message.number
                    self._changed.notify_all()
            elif isinstance(message, Worn):
                self._replace(process)
            elif isinstance(message, Ready):
                process.serves = True
            else:
                self._ears.said(process, message)
        process.kill()  # even if it lives: what it says cannot be trusted any more
        with self._changed:
            self._heard.pop(process)
            self._changed.notify_all()
            unwanted = self._current is not process or self._stopped
        sentence = "" if unwanted else self._again(process)
        process.remove()
        if not unwanted:
            self._ears.died(sentence)

    def _replace(self, process: ListenerProcess) -> None:
        with self._changed, contextlib.suppress(OSError):
            if self._current is process and not self._stopped:
                self._start()

    def _again(self, process: ListenerProcess) -> str:
        """Start a process in the place of one that died; return why not, or ""."""
        now = time.monotonic()
        with self._changed:
            if self._stopped or self._current is not process:
                return ""
            often = len(self._deaths) == _MOST_DEATHS and now - self._deaths[0] < _WITHIN
            self._deaths.append(now)
            if not often:
                try:
                    self._start()
                except OSError:
                    pass
                else:
                    return ""
            self._current = None
            self._door.close()
        return "The listener failed several times and was stopped. Start it again, or look for who floods it."
