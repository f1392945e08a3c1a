"""What is written into the connector's configuration for our own sake; Connect keeps it, Debezium ignores it.

SNAPSHOT_KEY: the epoch of the initial snapshot that the connector began with. Rows older than that snapshot which it did not see were
deleted meanwhile, and are swept away. A connector that went on from stored offsets has no such mark: sweeping would bury live rows.

GAP_KEY: why changes are missing. It outlives whatever made it visible (a slot made again, a publication brought back), until a
new snapshot is taken; `register` does not run a connector with it.
"""

from __future__ import annotations

from collections.abc import Mapping

SNAPSHOT_KEY = "cdc.snapshot.epoch"
GAP_KEY = "cdc.gap"


def snapshot_epoch(config: Mapping[str, str]) -> int:
    """The epoch of the connector's own initial snapshot; 0 when it went on from an older position."""
    text = config.get(SNAPSHOT_KEY, "")
    return int(text) if text.isdecimal() else 0


def with_snapshot(config: Mapping[str, str], epoch: int) -> dict[str, str]:
    """The configuration with the mark; 0 takes it away."""
    bare = {key: value for key, value in config.items() if key != SNAPSHOT_KEY}
    return bare | {SNAPSHOT_KEY: str(epoch)} if epoch else bare
