"""The pool: frames through worker processes, and workers that die, hang, lie or ask for everything."""

import os
import signal
import struct
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import make
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit

from viewer.dicom.bulk import read_block
from viewer.dicom.dicomdir import read_directory
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import InstanceRecord, Refused, Skipped
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import JobQueue, Priority
from viewer.jobs.workers import CancelledError

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs POSIX signals")

WAIT = 20.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="module")
def image(folder: Path) -> str:
    return str(make.write(make.ct(make.ramp(9, 13)), folder / "image"))


def eventually(condition) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@contextmanager
def stopped_worker(pool: DecoderPool, image: str):
    """Start the only worker of a pool and stop it, so that it is as good as hung."""
    pool.read_frame(image)
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGSTOP)
    yield pid


def test_a_frame_comes_through_a_worker_as_it_is_in_the_file(image):
    with DecoderPool(1) as pool:
        description, frame = pool.read_frame(image, 1)
    assert isinstance(description, ImageDescription)
    assert np.array_equal(frame.stored, make.ramp(9, 13))
    assert (frame.photometric, frame.stored.flags.writeable) == ("MONOCHROME2", False)
    assert description.text


def test_errors_are_the_sentences_of_the_reader(image, folder):
    liar = make.ct(make.ramp(9, 13), Columns=14)
    with DecoderPool(1) as pool:
        with pytest.raises(ViewerError, match="it has no frame 2"):
            pool.read_frame(image, 2)
        with pytest.raises(ViewerError, match="cannot be opened"):
            pool.read_frame(str(folder / "nothing"))
        (folder / "text").write_text("no image")
        with pytest.raises(ViewerError, match="not a DICOM file"):
            pool.read_frame(str(folder / "text"))
        assert pool.read_frame(str(make.write(liar, folder / "liar")))[1].damage
        assert len(pool.pids()) == 1


def test_a_worker_that_is_killed_while_it_works_is_replaced_and_the_frame_arrives(image):
    with DecoderPool(1) as pool, stopped_worker(pool, image) as pid:
        frames = []
        waiting = threading.Thread(target=lambda: frames.append(pool.read_frame(image)[1]))
        waiting.start()
        time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        waiting.join(WAIT)
        assert np.array_equal(frames[0].stored, make.ramp(9, 13))
        assert pid not in pool.pids()


def test_a_worker_that_was_killed_between_two_frames_is_not_noticed(image):
    with DecoderPool(1) as pool:
        pool.read_frame(image)
        os.kill(*pool.pids(), signal.SIGSEGV)
        assert pool.read_frame(image)[1].damage == ""


def test_an_image_that_kills_two_workers_is_said_to_crash_the_decoder(image):
    with DecoderPool(1) as pool, stopped_worker(pool, image) as first:
        errors = []

        def read():
            try:
                pool.read_frame(image)
            except ViewerError as error:
                errors.append(str(error))

        waiting = threading.Thread(target=read)
        waiting.start()
        time.sleep(0.1)
        os.kill(first, signal.SIGABRT)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: pool.pids() - {first})
        (second,) = pool.pids() - {first}
        os.kill(second, signal.SIGKILL)
        waiting.join(WAIT)
        assert errors == [f"{image}: the decoder crashed on this image"]
        assert pool.read_frame(image)[1].damage == ""


def test_a_worker_that_hangs_is_stopped_at_its_deadline(image):
    with DecoderPool(1, patience=0.1) as pool, stopped_worker(pool, image) as pid:
        begin = time.monotonic()
        with pytest.raises(ViewerError, match="decoding took longer than 1 s and was stopped"):
            pool.read_frame(image)
        assert 1 <= time.monotonic() - begin < 3
        assert pool.read_frame(image)[1].damage == ""
        assert pid not in pool.pids()


def bomb(folder: Path) -> str:
    """Return a file of 1 KB whose JPEG is, and whose header says, 22000 x 22000 pixels: 484 MB."""
    edge = 22000
    dataset = make.sc(np.zeros((4, 4), "u1"))
    dataset.Rows = dataset.Columns = edge
    frame = struct.pack(">HHHBHHBBBB", 0xFFD8, 0xFFC0, 11, 8, edge, edge, 1, 1, 0x11, 0)
    frame += struct.pack(">HHBBBBBB", 0xFFDA, 8, 1, 1, 0, 0, 63, 0) + bytes(10) + b"\xff\xd9"
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate([frame])
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    dataset.save_as(folder / "bomb", enforce_file_format=True)
    return str(folder / "bomb")


def test_a_bomb_costs_one_sentence_and_its_neighbour_opens(image, folder):
    with DecoderPool(1) as pool:
        with pytest.raises(ViewerError, match=r"damaged|more memory|crashed|longer"):
            pool.read_frame(bomb(folder))
        assert pool.read_frame(image)[1].damage == ""


def test_a_codestream_of_another_size_is_refused_in_words(folder):
    dataset = make.ct(make.ramp(64, 64))
    path = make.write(dataset, folder / "j2k", JPEG2000Lossless)
    content = bytearray(path.read_bytes())
    at = content.index(b"\xff\x4f\xff\x51")
    struct.pack_into(">8I", content, at + 8, 65535, 65535, 0, 0, 65535, 65535, 0, 0)
    path.write_bytes(content)
    with DecoderPool(1) as pool, pytest.raises(ViewerError, match="65535 x 65535, the header says 64 x 64"):
        pool.read_frame(str(path))


def test_requests_go_by_priority_when_no_worker_is_free(image):
    order: list[int] = []
    with DecoderPool(1) as pool, stopped_worker(pool, image) as pid:
        first = threading.Thread(target=lambda: pool.read_frame(image))
        first.start()
        time.sleep(0.1)

        def ask(priority: int) -> None:
            pool.read_frame(image, priority=priority)
            order.append(priority)

        threads = []
        for priority in (3, 1, 2, 0):
            threads.append(threading.Thread(target=ask, args=(priority,)))
            threads[-1].start()
            time.sleep(0.05)
        os.kill(pid, signal.SIGCONT)
        for thread in (first, *threads):
            thread.join(WAIT)
    assert order == [0, 1, 2, 3]


def test_who_is_cancelled_while_waiting_gets_no_worker(image):
    cancelled = threading.Event()
    with DecoderPool(1) as pool, stopped_worker(pool, image) as pid:
        first = threading.Thread(target=lambda: pool.read_frame(image))
        first.start()
        time.sleep(0.1)
        threading.Timer(0.1, cancelled.set).start()
        with pytest.raises(CancelledError):
            pool.read_frame(image, cancelled=cancelled.is_set)
        os.kill(pid, signal.SIGCONT)
        first.join(WAIT)


def test_closing_ends_whoever_waits_and_every_process(image):
    pool = DecoderPool(1)
    outcomes = []
    with stopped_worker(pool, image) as pid:

        def read():
            try:
                pool.read_frame(image)
            except CancelledError:
                outcomes.append("cancelled")

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.1)
        begin = time.monotonic()
        pool.close()
        assert time.monotonic() - begin < 2
        for thread in threads:
            thread.join(WAIT)
    assert outcomes == ["cancelled"] * 3
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(CancelledError):
        pool.read_frame(image)


def test_a_program_ends_at_once_though_a_decoder_hangs(image):
    posted: list[object] = []
    with DecoderPool(1) as pool, stopped_worker(pool, image):
        jobs = JobQueue(posted.append, threads=1)
        jobs.submit(
            lambda job: pool.read_frame(image, cancelled=job.is_cancelled),
            priority=Priority.VISIBLE,
            done=pytest.fail,
            failed=pytest.fail,
        )
        eventually(lambda: jobs.running)
        begin = time.monotonic()
        jobs.cancel_all()
        pool.close()
        jobs.close()
        assert time.monotonic() - begin < 2
    assert posted == []


def test_many_threads_share_a_few_workers(folder):
    paths = [str(make.write(make.ct(make.ramp(start=k)), folder / f"many{k}")) for k in range(8)]
    wrong: list[str] = []

    def read(offset: int) -> None:
        for k in range(16):
            path = paths[(k + offset) % 8]
            if pool.read_frame(path)[1].stored[0, 0] != (k + offset) % 8:
                wrong.append(path)

    with DecoderPool(2) as pool:
        threads = [threading.Thread(target=read, args=(k,)) for k in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(pool.pids()) == 2
    assert wrong == []


def test_files_are_indexed_in_order(image, folder):
    (folder / "notes.txt").write_text("no image")
    with DecoderPool(1) as pool:
        outcomes = pool.index([image, str(folder / "notes.txt"), str(folder / "gone"), image])
        assert pool.index([]) == ()
    assert [type(outcome) for outcome in outcomes] == [InstanceRecord, Skipped, Refused, InstanceRecord]
    assert outcomes[0] == outcomes[3]
    assert outcomes[0].rows == 9


def test_a_batch_whose_worker_dies_is_read_file_by_file(image):
    with DecoderPool(1) as pool, stopped_worker(pool, image) as pid:
        outcomes = []
        waiting = threading.Thread(target=lambda: outcomes.extend(pool.index([image] * 5)))
        waiting.start()
        time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        waiting.join(WAIT)
    assert [type(outcome) for outcome in outcomes] == [InstanceRecord] * 5


def test_a_file_whose_header_hangs_the_reader_is_refused_and_its_neighbours_are_not(image):
    with DecoderPool(1, patience=0.5) as pool, stopped_worker(pool, image):
        (outcome,) = pool.index([image])
        assert isinstance(outcome, Refused)
        assert outcome.reason == "reading its header took longer than 1 s and was stopped"
        assert [type(one) for one in pool.index([image] * 2)] == [InstanceRecord] * 2


def test_a_media_directory_is_read_by_a_worker(corpus, image):
    path = str(corpus / "media/dicomdirtests/DICOMDIR")
    with DecoderPool(1, patience=0.3) as pool:
        assert pool.directory(path) == read_directory(path)
        assert pool.directory(path).files
        with stopped_worker(pool, image):
            hung = pool.directory(path)
    assert hung.problems[0].reason == "reading the DICOMDIR took longer than 3 s and was stopped"


def test_a_worker_can_neither_write_files_nor_open_many(image):
    with DecoderPool(1) as pool:
        pool.read_frame(image)
        (pid,) = pool.pids()
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    rows = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()}
    assert rows["Max file size"] == rows["Max core file size"] == ["0", "0"]
    assert rows["Max open files"] == ["64", "64"]
    assert int(rows["Max address space"][0]) < 16 << 30
    assert "NoNewPrivs:\t1" in status


def test_warming_up_starts_all_workers(image):
    with DecoderPool(2) as pool:
        pool.warm_up()
        assert len(pool.pids()) == 2
        pool.read_frame(image)
        assert len(pool.pids()) == 2


def test_plain_frames_are_found_in_order_and_others_are_left_to_be_read(tmp_path):
    plain = str(make.write(make.ct(), tmp_path / "plain"))
    deflated = str(make.write(make.ct(), tmp_path / "deflated", DeflatedExplicitVRLittleEndian))
    films = str(make.write(make.enhanced_ct(3), tmp_path / "film"))
    gone = str(tmp_path / "gone")
    asked = [(plain, 1), (films, 1), (films, 3), (gone, 1), (deflated, 1), (plain, 2)]
    with DecoderPool(1) as pool:
        found = pool.locate(asked)
        _, frame = pool.read_frame(plain)
        assert pool.locate([]) == ()
    assert [one is not None for one in found] == [True, True, True, False, False, False]
    assert np.array_equal(read_block([(plain, found[0].place)])[0], frame.stored)
    assert found[2].place.offset - found[1].place.offset == 2 * found[1].place.size
