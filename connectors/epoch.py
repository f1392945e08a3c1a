"""The epoch: which life of the source a record comes from.

The worker keeps a row only if its version (epoch, LSN) is newer than the stored one. LSNs are positions in the WAL of
*one* cluster: after a restore, a new initdb or a promoted replica they can start again lower, and every new change would
look old. So each registration of a connector that does not exist yet takes a larger epoch, which travels with every
record as the header `cdc-epoch`. Registering an existing connector again keeps its epoch.

Unix seconds grow by themselves and need no memory of earlier epochs, which may be lost with the old cluster.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import SourceMismatchError
from connectors.template import EPOCH_KEY


def epoch_of(config: Mapping[str, str]) -> int:
    """The epoch in a connector's configuration; 0 when it has none."""
    text = config.get(EPOCH_KEY, "")
    return int(text) if text.isdecimal() else 0


def choose_epoch(existing: Mapping[str, str] | None, asked: int | None, now: float) -> int:
    """The epoch to register with.

    Raises SourceMismatchError when the asked one is smaller than the existing connector's: its rows would lose against the old ones.
    """
    if existing is None:
        return int(now) if asked is None else asked
    current = epoch_of(existing)
    if asked is None:
        return current or int(now)
    if asked < current:
        raise SourceMismatchError(
            f"--epoch {asked} is smaller than {current}, the epoch of the registered connector: its records would all look old.",
            f"Leave --epoch out to keep {current}, or give a larger one.",
        )
    return asked
