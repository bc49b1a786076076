"""Where everything is in the folder of a cache. No name in it ever comes from outside."""

import os
from dataclasses import dataclass
from pathlib import Path

SHARDS = tuple(f"{number:02x}" for number in range(256))  # the first two digits of a SHA-256
SHA256_DIGITS = 64
PRIVATE_FOLDER = 0o700  # images of patients: of this user only
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class CacheFolder:
    """The folder of one cache and the places in it."""

    root: Path

    @property
    def index(self) -> Path:
        """Return the database that can be made again."""
        return self.root / "index.db"

    @property
    def work(self) -> Path:
        """Return the database of what exists nowhere else."""
        return self.root / "work.db"

    @property
    def lock(self) -> Path:
        """Return the file that the owner holds locked; it is never removed."""
        return self.root / "lock"

    @property
    def clean(self) -> Path:
        """Return the mark of a cache that was shut down in good order."""
        return self.root / "clean"

    @property
    def objects(self) -> Path:
        """Return the folder of the objects: obj/ab/<SHA-256 in hex>."""
        return self.root / "obj"

    @property
    def tmp(self) -> Path:
        """Return the folder of files that are being written; it is emptied at each start."""
        return self.root / "tmp"

    @property
    def trash(self) -> Path:
        """Return the folder of objects that are being removed."""
        return self.root / "trash"

    @property
    def quarantine(self) -> Path:
        """Return the folder of objects whose bytes are not those of their name."""
        return self.root / "quarantine"

    @property
    def thumbs(self) -> Path:
        """Return the folder of small pictures, which can be made again."""
        return self.root / "thumbs"

    def object_path(self, sha256: str) -> Path:
        """Return where the object with a SHA-256 (64 hex digits) is. Raise ValueError when it is none."""
        if not is_sha256(sha256):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self.objects / sha256[:2] / sha256

    def folders(self) -> tuple[Path, ...]:
        """Return all folders there are, each after the one that holds it."""
        shards = (self.objects / shard for shard in SHARDS)
        return self.root, self.objects, self.tmp, self.trash, self.quarantine, self.thumbs, *shards

    def make(self) -> list[Path]:
        """Make all folders that are not there, for this user only. Raise OSError.

        Returns the folders that have new names in them, to be flushed. The shards are all made at once, so
        that an import never has to make one durable.
        """
        above = [folder for folder in self.root.parents if not folder.exists()]
        self.root.parent.mkdir(parents=True, exist_ok=True)
        changed = {folder.parent for folder in above}
        for folder in self.folders():
            try:
                folder.mkdir(mode=PRIVATE_FOLDER)
            except FileExistsError:
                continue
            changed.add(folder.parent)
        self.root.chmod(PRIVATE_FOLDER)  # it may have been made by hand
        return sorted(changed)

    def path_of(self, sha256: str | None, linked: bytes | None) -> str:
        """Return the path of the file of an instance: an object's, or that of a file in place."""
        return str(self.object_path(sha256)) if sha256 is not None else os.fsdecode(linked or b"")


def is_sha256(name: str) -> bool:
    """Tell whether a name is that of an object."""
    return len(name) == SHA256_DIGITS and not name.strip("0123456789abcdef")
