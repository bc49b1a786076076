"""Where a worker process begins. The window imports this and not what the worker needs: codecs load there."""

from importlib import import_module
from multiprocessing.connection import Connection


def run(connection: Connection) -> None:
    """Answer requests until the connection ends; in a process of its own."""
    import_module("viewer.jobs.worker").run(connection)
