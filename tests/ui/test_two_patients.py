"""A race: two patients, four viewports, slow files, a thousand random steps; never a wrong name on a picture.

Whose picture it is stands in its pixels, as black and white fields. They are read back from what the viewport
painted and compared with the words that were painted with it.
"""

import random
import re
import threading
import time

import make
import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from window import written

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.records import FrameKey

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

IMAGES = 20  # of a series
FIELDS, SIDE = 4, 16  # fields along each side, pixels of each
STEPS = 1000
NAMES = ("Alpha^Anna", "Beta^Bert")
SHOWN = ("Alpha", "Beta")


def bits(patient, series, number):
    """Return the 16 fields of an image: what it is in 8 bits, and once more the other way round."""
    code = patient << 6 | series << 5 | number
    return [code >> bit & 1 for bit in range(7, -1, -1)] + [1 - (code >> bit & 1) for bit in range(7, -1, -1)]


def pixels(patient, series, number):
    fields = np.array(bits(patient, series, number)).reshape(FIELDS, FIELDS) * 2000
    return np.kron(fields, np.ones((SIDE, SIDE))).astype("<i2")


def uid(patient, series, number):
    return f"{make.STUDY}.{patient + 1}.{series + 1}.{number}"


def study(patient):
    found = []
    for series in (0, 1):
        images = make.ct_series(
            IMAGES,
            spacing=(1.0, 1.0),
            SeriesInstanceUID=f"{make.STUDY}.{patient + 1}.{series + 1}",
            StudyInstanceUID=f"{make.STUDY}.{patient + 1}",
            PatientName=NAMES[patient],
            PatientID=f"ID-{patient}",
            SeriesNumber=str(series + 1),
            WindowCenter="0",
            WindowWidth="2",
        )
        for number, dataset in enumerate(images, 1):
            dataset.Rows = dataset.Columns = FIELDS * SIDE
            dataset.PixelData = pixels(patient, series, number).tobytes()
            dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid(
                patient, series, number
            )
        found += images
    return found


class SlowPool:
    """The decoders, but what they answer comes late, and never in the order in which it was asked for."""

    def __init__(self, pool):
        self._pool, self._lock = pool, threading.Lock()
        self._chance = random.Random(1)  # noqa: S311  no secret

    def read_frame(self, *path, **how):
        found = self._pool.read_frame(*path, **how)
        with self._lock:
            late = self._chance.choice((0.0, 0.002, 0.01, 0.04))
        time.sleep(late)
        return found

    def __getattr__(self, name):
        return getattr(self._pool, name)


def painted(person, number):
    """Paint a viewport; return whose picture is in its pixels, and whether something magenta lies on it."""
    viewport = person.viewport(number)
    seen = person.seen(number)
    pane = viewport.look.pane
    high, wide = seen.shape[:2]
    zoom = min(wide, high) / (FIELDS * SIDE)
    assert pane.state.shown_zoom == pytest.approx(zoom)
    left, top = (wide - zoom * FIELDS * SIDE) / 2, (high - zoom * FIELDS * SIDE) / 2
    size = zoom * SIDE
    code = []
    for row in range(FIELDS):
        for column in range(FIELDS):
            x, y = round(left + column * size), round(top + row * size)
            field = seen[y + 4 : y + round(size) - 4 : 3, x + 4 : x + round(size) - 4 : 3, 1]
            code.append(int((field > 127).mean() > 0.5))
    found = int("".join(map(str, code[:8])), 2)
    assert code[8:] == [1 - bit for bit in code[:8]], "two pictures at once"
    band = seen[round(top + 29 * zoom) : round(top + 35 * zoom) : 2]  # the line is in rows 30 to 34
    magenta = (band[..., 0] > 200) & (band[..., 1] < 60) & (band[..., 2] > 200)
    return (found >> 6 & 3, found >> 5 & 1, found & 31), bool(magenta.sum() > 20)


def told(person, number):
    """Return who and what the words in the corners of a picture say it is."""
    overlay = person.viewport(number).look.overlay
    who, what = "\n".join(overlay.upper_left), "\n".join(overlay.lower_left)
    (patient,) = [place for place, name in enumerate(SHOWN) if name in who]
    assert f"ID-{patient}" in who
    assert f"ID-{1 - patient}" not in who
    series, image = re.search(r"Se (\d+)\s+.*?Im (\d+)/", what).groups()
    return patient, int(series) - 1, int(image)


class Careless:
    """Somebody who does a thousand things at random."""

    def __init__(self, person, folder, marked):
        self.person, self.folder, self.marked = person, folder, marked
        self.chance = random.Random(20260102)  # noqa: S311  no secret
        self.looked = self.waited = 0
        self.wrong = []
        person.window.reading.painted.connect(self._painted)

    def _painted(self, number):
        """Look at every paint: what is painted together belongs together."""
        look = self.person.viewport(number).look
        if look.pane.picture is None:
            return
        own = look.pane.picture.description.key.sop_instance_uid
        if uid(*told(self.person, number)) != own:
            self.wrong.append((number, own))
        self.wrong += [drawn for drawn in look.drawn if drawn.annotation.frame.sop_instance_uid != own]

    def stacks(self):
        shelf = self.person.window.intake.shelf
        return [
            hung
            for patient in shelf.patients()
            for each in patient.studies
            for hung in shelf.study_stacks(each)
        ]

    def step(self, place):
        desk, reading = self.person.desk, self.person.window.reading
        number = self.chance.randrange(len(desk.panes))
        what = self.chance.random()
        if what < 0.55:
            reading.scroll(number, self.chance.choice((-7, -3, -1, 1, 1, 2, 5)))
        elif what < 0.7:
            desk.go_to(number, self.chance.randrange(IMAGES))
        elif what < 0.85:
            reading.hang(self.chance.choice(self.stacks()), number, self.chance.randrange(IMAGES))
        elif what < 0.9:
            reading.activate(number)
            self.person.window._dispatcher.run("cine")
        elif what < 0.93:
            self.person.loader._frames.clear()
        elif what < 0.95:
            reading.arrange(*self.chance.choice(((1, 2), (2, 2))))
        elif what < 0.96 and place > 100:
            self.draw(desk.panes[number])
        self.turn(self.chance.random() * 0.004)

    def draw(self, pane):
        """Draw a line on the image that hangs there, whether it is seen yet or not."""
        if pane.key is not None:
            self.mark(pane.key)

    def mark(self, key):
        shape = Annotation(Kind.LENGTH, key, ((2.0, 30.0), (62.0, 34.0)), color="#ff00ff")
        study = key.sop_instance_uid.rsplit(".", 2)[0]
        self.person.drawings.of(study).do(Edit(None, shape))
        self.marked.add(key.sop_instance_uid)

    def turn(self, seconds):
        """Let events come for a while."""
        until = time.monotonic() + seconds
        QApplication.processEvents()
        while time.monotonic() < until:
            QApplication.processEvents()
            time.sleep(0.0005)

    def check(self):
        """Look at one viewport: its pixels, its words, its lines."""
        number = self.chance.randrange(len(self.person.desk.panes))
        if self.person.viewport(number).look.pane.picture is None:
            self.waited += 1
            return
        identity, magenta = painted(self.person, number)
        assert told(self.person, number) == identity
        assert magenta is (uid(*identity) in self.marked)
        self.looked += 1

    def begin_anew(self):
        """Close everything while images are on their way, and open it again."""
        self.person.window.memory.journal._room.drawings.clear()
        self.marked.clear()
        assert self.person.window.close_studies()
        self.turn(0.01)
        self.person.open(self.folder)
        self.person.window.reading.arrange(2, 2)


@pytest.fixture
def careless(reader, decoders, tmp_path):
    folder = written([*study(0), *study(1)], tmp_path / "both")
    person = reader(folder, pool=SlowPool(decoders), size=(1000, 760))
    person.window.reading.arrange(2, 2)
    made = Careless(person, folder, set())
    for patient, series, number in ((0, 0, 3), (0, 1, 9), (1, 0, 3), (1, 1, 15)):
        made.mark(FrameKey(uid(patient, series, number)))
    yield made
    person.window.reading.room.cinema.stop()
    person.settle()


def test_A01_A21_E04_the_words_and_lines_on_a_picture_are_its_own_through_1000_random_steps(careless):
    for place in range(STEPS):
        if place in {400, 700}:
            careless.begin_anew()
            careless.mark(FrameKey(uid(1, 1, 5)))
        careless.step(place)
        careless.check()
    assert careless.wrong == []
    assert careless.looked > STEPS / 2
    careless.person.window.reading.room.cinema.stop()
    careless.person.settle()
    for number in range(len(careless.person.desk.panes)):
        if careless.person.desk.panes[number].picture is not None:
            assert told(careless.person, number) == painted(careless.person, number)[0]


def test_the_check_itself_finds_a_word_that_belongs_to_another_picture(careless):
    """Without this one could not tell whether the race test sees anything."""
    person = careless.person
    person.window.reading.hang(careless.stacks()[0], 0, 4)
    person.settle()
    right = person.viewport().look
    person.window.reading.hang(careless.stacks()[2], 0, 4)
    person.settle()
    assert told(person, 0) == painted(person, 0)[0]
    person.viewport()._look = type(right)(
        person.viewport().look.pane, right.pipeline, right.overlay, right.drawn
    )
    QApplication.sendEvent(person.viewport(), QEvent(QEvent.Type.UpdateRequest))
    assert told(person, 0) != painted(person, 0)[0]
