import io
import stat
import struct
import time
import zipfile
from pathlib import Path

import pytest
from make import ct, write

from viewer.dicom.archive import Limits, Unpacked, is_zip, unpack
from viewer.dicom.records import Refused


def never() -> bool:
    return False


def archive(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return path


def unpacked(path: Path, scratch: Path, limits: Limits | None = None) -> list[Unpacked | Refused]:
    return list(unpack(str(path), scratch, cancelled=never, limits=limits or Limits(reserve_bytes=0)))


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_members_come_out_whole_in_natural_order_under_numbers(tmp_path):
    path = archive(tmp_path / "study.zip", {"IM10": b"ten", "IM2": b"two", "A/IM1": b"one"})
    found = unpacked(path, tmp_path / "scratch")
    assert [member.member_name for member in found] == ["A/IM1", "IM2", "IM10"]
    assert [Path(member.path).read_bytes() for member in found] == [b"one", b"two", b"ten"]
    assert found[0].shown == f"{path}: A/IM1"
    assert all(Path(member.path).name.isdigit() for member in found)


def test_names_that_climb_out_are_only_names(tmp_path):
    names = ("../../evil", "/etc/evil", "C:\\evil", "a/../../evil", "evil\x1b[31m")
    path = archive(tmp_path / "study.zip", dict.fromkeys(names, b"x"))
    scratch = tmp_path / "inner" / "scratch"
    found = unpacked(path, scratch)
    assert len(found) == len(names)
    assert all(Path(member.path).resolve().is_relative_to(scratch.resolve()) for member in found)
    assert {file.name for file in files_below(tmp_path)} - {"study.zip"} == {f"{n:06d}" for n in range(1, 6)}


def test_unpacked_files_are_for_their_owner_only(tmp_path):
    found = unpacked(archive(tmp_path / "study.zip", {"IM1": b"x"}), tmp_path / "scratch")
    assert stat.S_IMODE(Path(found[0].path).stat().st_mode) == 0o600


def test_a_link_is_not_followed(tmp_path):
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as target:
        link = zipfile.ZipInfo("IM1")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(link, "/etc/passwd")
        target.writestr("IM2", b"good")
    first, second = unpacked(path, tmp_path / "scratch")
    assert isinstance(first, Refused)
    assert "link" in first.reason
    assert isinstance(second, Unpacked)


def test_an_encrypted_member_is_refused_by_its_name(tmp_path):
    path = archive(tmp_path / "study.zip", {"IM1": b"secret", "IM2": b"open"}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    data[6] |= 1
    path.write_bytes(data)
    first, second = unpacked(path, tmp_path / "scratch")
    assert first == Refused(f"{path}: IM1", "encrypted in the archive; unpack it with its password first")
    assert isinstance(second, Unpacked)


def test_a_bomb_is_stopped_and_its_neighbours_are_kept(tmp_path):
    members = {"IM1": b"good", "IM2": bytes(20_000_000), "IM3": b"good too"}
    path = archive(tmp_path / "study.zip", members)
    limits = Limits(reserve_bytes=0, suspicious_bytes=1_000_000)
    found = unpacked(path, tmp_path / "scratch", limits)
    assert [type(member) for member in found] == [Unpacked, Refused, Unpacked]
    assert "bomb" in found[1].reason
    assert sum(file.stat().st_size for file in files_below(tmp_path / "scratch")) < 100


def test_blank_masks_of_honest_size_are_no_bomb(tmp_path):
    path = archive(tmp_path / "study.zip", {"IM1": bytes(20_000_000)})
    (found,) = unpacked(path, tmp_path / "scratch")
    assert isinstance(found, Unpacked)
    assert Path(found.path).stat().st_size == 20_000_000


def test_a_bomb_of_many_members_stops_the_archive_and_what_was_good_stays(tmp_path):
    members = {"IM0": bytes(range(256)) * 4} | {f"IM{n}": bytes(900_000) for n in range(1, 9)}
    path = archive(tmp_path / "study.zip", members)
    limits = Limits(reserve_bytes=0, suspicious_bytes=2_000_000)
    found = unpacked(path, tmp_path / "scratch", limits)
    assert [type(member) for member in found] == [Unpacked] * 3 + [Refused]  # 1,024 + 2 x 900,000 bytes
    assert found[-1].path == str(path)
    assert "bomb" in found[-1].reason
    assert len(files_below(tmp_path / "scratch")) == 3


def test_a_bomb_within_an_archive_in_an_archive_is_one_too(tmp_path):
    inner = archive(tmp_path / "inner.zip", {f"IM{n}": bytes(900_000) for n in range(8)})
    path = archive(tmp_path / "study.zip", {"inner.zip": inner.read_bytes()})
    found = unpacked(path, tmp_path / "scratch", Limits(reserve_bytes=0, suspicious_bytes=2_000_000))
    assert "bomb" in found[-1].reason
    assert len(found) < 5


def test_members_that_claim_to_be_larger_than_their_archive_do_not_hide_a_bomb(tmp_path):
    path = archive(tmp_path / "study.zip", {f"IM{n}": bytes(900_000) for n in range(8)})
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, first + 20, len(data) * 100)  # compressed size
    path.write_bytes(data)
    found = unpacked(path, tmp_path / "scratch", Limits(reserve_bytes=0, suspicious_bytes=2_000_000))
    kept = [member for member in found if isinstance(member, Unpacked)]
    assert sum(Path(member.path).stat().st_size for member in kept) <= 500 * len(data)


def test_a_study_with_blank_images_is_no_bomb(tmp_path):
    image = write(ct(), tmp_path / "image").read_bytes()
    blank = {f"BLANK{n}": image + bytes(300_000) for n in range(10)}
    path = archive(tmp_path / "study.zip", blank)
    found = unpacked(path, tmp_path / "scratch", Limits(reserve_bytes=0, suspicious_bytes=1_000_000))
    assert [type(member) for member in found] == [Unpacked] * 10


def test_real_bytes_count_and_not_declared_ones(tmp_path):
    path = archive(tmp_path / "study.zip", {"IM1": bytes(3_000_000), "IM2": b"x"})
    found = unpacked(path, tmp_path / "scratch", Limits(reserve_bytes=0, member_bytes=2_000_000))
    assert "larger than" in found[0].reason
    found = unpacked(path, tmp_path / "again", Limits(reserve_bytes=0, total_bytes=2_000_000))
    (stopped,) = found
    assert stopped.path == str(path)
    assert "more than fits on the disk or than is allowed" in stopped.reason
    assert not files_below(tmp_path / "again")


def test_too_many_members_stop_the_archive(tmp_path):
    path = archive(tmp_path / "study.zip", {f"IM{n}": b"x" for n in range(5)})
    found = unpacked(path, tmp_path / "scratch", Limits(reserve_bytes=0, members=3))
    assert [type(member) for member in found] == [Unpacked] * 3 + [Refused]


def test_a_size_that_lies_and_a_damaged_member_are_refused(tmp_path):
    path = archive(tmp_path / "study.zip", {"IM1": b"0123456789" * 100, "IM2": b"good"}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.index(b"0123456789") + 5] ^= 0xFF
    path.write_bytes(data)
    first, second = unpacked(path, tmp_path / "scratch")
    assert first == Refused(f"{path}: IM1", "damaged in the archive")
    assert isinstance(second, Unpacked)
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, central + 24, 5)
    path.write_bytes(data)
    assert isinstance(unpacked(path, tmp_path / "again")[0], Refused)


def test_an_archive_in_an_archive_is_opened_once(tmp_path):
    def zipped(members: dict[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as target:
            for name, content in members.items():
                target.writestr(name, content)
        return buffer.getvalue()

    deepest = zipped({"IM3": b"three"})
    path = archive(tmp_path / "study.zip", {"in.zip": zipped({"IM2": b"two", "deep.zip": deepest})})
    found = unpacked(path, tmp_path / "scratch")
    assert [type(member) for member in found] == [Refused, Unpacked]
    assert found[1].shown == f"{path}: in.zip: IM2"
    assert len(files_below(tmp_path / "scratch")) == 1


def test_what_is_no_archive_says_so(tmp_path):
    (tmp_path / "study.zip").write_bytes(b"PK\x03\x04" + b"junk" * 100)
    (found,) = unpacked(tmp_path / "study.zip", tmp_path / "scratch")
    assert found == Refused(
        str(tmp_path / "study.zip"), "the zip archive is damaged: its list of files cannot be read"
    )


def test_a_dicom_file_with_the_preamble_of_an_archive_is_no_archive(tmp_path):
    image = write(ct(), tmp_path / "image")
    image.write_bytes(b"PK\x03\x04" + image.read_bytes()[4:])
    assert not is_zip(str(image))
    assert is_zip(str(archive(tmp_path / "study.zip", {"A": b""})))


def test_unpacking_stops_when_it_is_cancelled(tmp_path):
    path = archive(tmp_path / "study.zip", {f"IM{n}": b"x" for n in range(5)})
    assert list(unpack(str(path), tmp_path / "scratch", cancelled=lambda: True)) == []


@pytest.mark.filterwarnings("ignore")  # zipfile says that names are there twice
def test_a_thousand_members_of_one_name_are_a_thousand_files(tmp_path):
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as target:
        for number in range(1000):
            target.writestr("IM1", str(number).encode())
    started = time.perf_counter()
    found = unpacked(path, tmp_path / "scratch")
    assert len({member.path for member in found}) == 1000
    assert time.perf_counter() - started < 5
