"""What a back end can do to a component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

COMPONENTS = ("kafka", "connect", "worker", "postgres", "mongo", "redis", "api", "prober", "keeper", "alertmanager", "prometheus")
UP, DOWN, FROZEN = "up", "down", "frozen"


class Backend(Protocol):
    """Components are those of COMPONENTS; `worker` means all workers. Every method is harmless when its work is done already."""

    @property
    def mode(self) -> str:
        """`local` or `compose`."""

    @property
    def env(self) -> Mapping[str, str]:
        """The variables of every process: addresses and passwords."""

    def crash(self, component: str) -> None:
        """SIGKILL; whoever watches over it starts it again."""

    def kill(self, component: str) -> None:
        """SIGKILL, and it stays away until `start`."""

    def stop(self, component: str) -> None:
        """An orderly stop; it stays away until `start`."""

    def start(self, component: str) -> None:
        """Start it unless it runs. Does not wait for it to serve."""

    def freeze(self, component: str) -> None:
        """SIGSTOP to it and all of its processes: connections stay open and nothing answers."""

    def thaw(self, component: str) -> None:
        """SIGCONT to it and all of its processes."""

    def identity(self, component: str) -> str:
        """What changes when a process is replaced by a new one."""

    def states(self) -> dict[str, str]:
        """Of every component there is: up, down or frozen. Says nothing of whether it serves."""

    def unready(self) -> list[str]:
        """What does not serve, with what is missing."""
