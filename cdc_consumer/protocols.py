"""The names under which the worker offers its way of sharing partitions, so that a changed list of topics is a new sharing.

A static member that comes back within its session gets the partitions it had, without a rebalance (KIP-345), and the broker looks only
at the *name* of the chosen protocol to see whether anything changed. A new version of the worker that reads one more table would so never
be given that table's partitions. The first name offered therefore tells which topics are read. The second, Faust's own, is what versions
that read other topics have in common, for as long as they are replaced one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any


class Named:
    """Faust's assignor under another name."""

    def __init__(self, assignor: Any, name: str) -> None:
        self._assignor = assignor
        self.name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._assignor, attribute)


def offered(assignor: Any, topics: Iterable[str]) -> tuple[Any, Any]:
    """The assignor named after these topics, which the broker prefers, and as it is."""
    digest = sha256("\n".join(sorted(topics)).encode()).hexdigest()[:12]
    return Named(assignor, f"{assignor.name}-{digest}"), assignor
