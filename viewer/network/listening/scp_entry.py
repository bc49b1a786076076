"""Where the process that listens begins. The window imports this and not what the process needs."""

import socket
from importlib import import_module
from multiprocessing.connection import Connection


def run(connection: Connection, door: socket.socket) -> None:
    """Serve whoever calls at `door` until the connection ends; in a process of its own."""
    import_module("viewer.network.listening.scp_process").run(connection, door)
