"""`viewer document`: what an object that is no image says, as text."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Protocol

from viewer.dicom.document import Document


class DocumentSource(Protocol):
    """Where documents come from: `viewer.jobs.decode.DecoderPool`."""

    def document(self, path: str) -> Document:
        """Return the readable form of an object. Raises ViewerError."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("document", help="a report or another object that is no image, as text")
    parser.add_argument("file", metavar="FILE", help="a DICOM object")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace, pool: DocumentSource) -> int:
    """Print the document; return the exit status."""
    found = pool.document(args.file)
    if args.json:
        text = json.dumps(asdict(found))
    else:
        text = "\n".join((found.title, f"({found.what})", "", found.text))
    encoding = sys.stdout.encoding or "utf-8"  # a terminal may not know all letters
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    return 0
