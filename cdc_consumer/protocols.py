"""The names under which the worker offers its way of sharing partitions, so that a changed list of topics is a new sharing.

A static member that comes back within its session gets the partitions it had, without a rebalance (KIP-345), and the broker looks only
at the *name* of the chosen protocol to see whether anything changed. A new version of the worker that reads one more table would so never
be given that table's partitions. The first name offered therefore tells which topics are read. The second, Faust's own, is what versions
that read other topics have in common, for as long as they are replaced one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from aiokafka.protocol.group import JoinGroupRequest


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


def join_once(coordinator: Any, names: int) -> None:
    """Have aiokafka ask to join once, with all the names.

    It asks once for every name, each time with one more of them (aio-libs/aiokafka#1168). For the broker a member that asks with other
    names has changed, so it shares the partitions anew: two members who answer to each other's changes never come to an end of it.
    """
    send = coordinator._send_req  # noqa: SLF001 - aiokafka offers no other way in

    async def send_whole(request: Any) -> Any:
        if isinstance(request, JoinGroupRequest) and len(request._group_protocols) < names:  # noqa: SLF001 - as above
            return SimpleNamespace(error_code=0)  # aiokafka goes on to the next name and looks only at the last answer
        return await send(request)

    coordinator._send_req = send_whole  # noqa: SLF001
