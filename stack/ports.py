"""Are the ports free?"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Mapping

from stack.errors import StackError
from stack.settings import HOST


def free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def all_free(ports: Iterable[int]) -> bool:
    """Whether all of them are free."""
    return all(free(port) for port in ports)


def await_free(ports: Mapping[str, int], seconds: float = 20.0) -> None:
    """Returns when all ports are free: what ran before may still be ending. Raises StackError naming those that stay taken."""
    end = time.monotonic() + seconds
    while taken := {name: port for name, port in ports.items() if not free(port)}:
        if time.monotonic() > end:
            names = ", ".join(f"{port} ({name})" for name, port in taken.items())
            raise StackError(
                f"other programs listen on ports of this stack: {names}",
                advice="Free them, or shift the stack: make up STACK_PORT_OFFSET=1000   (who listens: ss -ltnp)",
            )
        time.sleep(0.2)
