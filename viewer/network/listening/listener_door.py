"""The socket at which we listen. The program holds it, so that callers wait while the process is replaced."""

import errno
import os
import socket

from viewer.network.failure import Cause, NetworkError
from viewer.network.listening.listener_config import EVERYWHERE, ListenerConfig

_WAITING = 128  # connections that the system keeps until they are accepted


def opened(config: ListenerConfig) -> socket.socket:
    """Return a socket that listens. Raises NetworkError in words."""
    try:
        return _socket(config.host, config.port)
    except (OSError, OverflowError) as error:
        raise NetworkError(_words(error, config), Cause.REFUSED) from None


def _socket(host: str, port: int) -> socket.socket:
    if host == EVERYWHERE and socket.has_dualstack_ipv6():
        try:
            return socket.create_server(
                ("", port), family=socket.AF_INET6, backlog=_WAITING, dualstack_ipv6=True
            )
        except OSError as error:
            if error.errno not in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}:
                raise
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_WAITING)


def _words(error: Exception, config: ListenerConfig) -> str:
    code = error.errno if isinstance(error, OSError) else errno.EINVAL
    if code == errno.EADDRINUSE:
        return (
            f"Port {config.port} is in use by another program: choose another port to listen at,"
            " and tell it to those who send."
        )
    if code in {errno.EACCES, errno.EPERM}:
        return (
            f"Port {config.port} may not be listened at: ports below 1024 are for administrators."
            " Choose a higher one, such as 11112."
        )
    return f"Port {config.port} cannot be listened at: {os.strerror(code or errno.EINVAL)}."
