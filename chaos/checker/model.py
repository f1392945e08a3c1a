"""The writes of a history by key: what a read may show, and what the end may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chaos.history.records import Op, Outcome, Write

Place = tuple[str, int]  # table and key


@dataclass
class Key:
    """The writes of one row in the order of their versions. A creation that nobody acknowledged is in no `Key`: its key is not known."""

    writes: list[Write] = field(default_factory=list)

    @property
    def acceptable(self) -> list[Write]:
        """The writes that may be the last state: the last acknowledged one, and those after it whose outcome is not known."""
        last = max((n for n, write in enumerate(self.writes) if write.outcome is Outcome.OK), default=0)
        return [write for write in self.writes[last:] if write.outcome is not Outcome.FAIL]

    def version(self, number: int) -> Write | None:
        """The write of this version."""
        return next((write for write in self.writes if write.version == number), None)

    def deletion(self, before: float) -> Write | None:
        """The deletion that had begun before a moment and may have been made."""
        return next((w for w in self.writes if w.op is Op.DELETE and w.outcome is not Outcome.FAIL and w.start <= before), None)

    def newest(self, acknowledged_before: float) -> Write | None:
        """The newest write that was acknowledged before a moment."""
        done = [write for write in self.writes if write.outcome is Outcome.OK and write.end <= acknowledged_before]
        return done[-1] if done else None

    def tags(self) -> set[str]:
        """Every tag that this row was ever given."""
        return {tag for write in self.writes for tag in write.tags}


@dataclass
class Model:
    """All keys, and the creations whose key no client knows, by version."""

    keys: dict[Place, Key]
    orphans: dict[int, Write]

    def write(self, table: str, key: int, version: int) -> Write | None:
        """The write that gave this key this version, or the creation that may have."""
        known = self.keys.get((table, key))
        found = known.version(version) if known else None
        orphan = self.orphans.get(version)
        return found or (orphan if orphan and orphan.table == table else None)


def model(writes: Iterable[Write]) -> Model:
    """The writes by key."""
    keys: dict[Place, Key] = {}
    orphans: dict[int, Write] = {}
    for write in sorted(writes, key=lambda write: write.version):
        if write.key is None:
            orphans[write.version] = write
        else:
            keys.setdefault((write.table, write.key), Key()).writes.append(write)
    return Model(keys, orphans)
