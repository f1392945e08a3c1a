"""Every read, in the order of one client's: does it go back in time, bring back what was deleted, or break its promise?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chaos.checker.content import Shown, shown
from chaos.checker.findings import Finding, Kind
from chaos.checker.model import Key, Model
from chaos.history.records import Outcome, Read
from chaos.tokens import Tokens

NEVER = 0  # the version of a row before it was created


@dataclass
class _Last:
    """What one client has seen of one key."""

    version: int = NEVER
    gone: bool = False
    owner: int | None = None
    owner_version: int = NEVER


def check_reads(reads: Iterable[Read], model: Model, tokens: Tokens) -> Iterator[Finding]:
    """The violations in the reads, each read compared with those of the same client before it."""
    last: dict[tuple[str, str, int], _Last] = {}
    for read in sorted((read for read in reads if read.outcome is Outcome.OK), key=lambda read: read.start):
        known = model.keys.get((read.table, read.key))
        before = last.setdefault((read.client, read.table, read.key), _Last())
        if read.document is None:
            yield from _absent(read, known, before)
            continue
        found = shown(model, tokens, read.table, read.key, read.document)
        for kind, text in found.wrong:
            yield Finding(kind, read.table, read.key, f"{read.client}: {text}", read.end)
        if found.version is not None:
            yield from _present(read, known, before, found)


def _absent(read: Read, known: Key | None, before: _Last) -> Iterator[Finding]:
    """Nothing was there: not yet, or not any more."""
    deletion = known.deletion(read.end) if known else None
    if deletion is not None:
        # Who never saw it alive cannot tell whether it has not come yet, or has gone already.
        before.gone = before.gone or before.version > NEVER
        return
    if before.version > NEVER:
        text = f"{read.client}: version {before.version} was shown, then nothing, and nobody had deleted it"
        yield Finding(Kind.REORDERED, read.table, read.key, text, read.end)
    yield from _promise(read, known, NEVER)


def _present(read: Read, known: Key | None, before: _Last, found: Shown) -> Iterator[Finding]:
    version = found.version or NEVER
    if before.gone:
        text = f"{read.client}: was gone, and is shown again as version {version}"
        yield Finding(Kind.RESURRECTED, read.table, read.key, text, read.end)
        before.gone = False
    elif version < before.version:
        text = f"{read.client}: version {version} after version {before.version}"
        yield Finding(Kind.REORDERED, read.table, read.key, text, read.end)
    elif found.owner == before.owner and found.owner_version is not None and found.owner_version < before.owner_version:
        text = f"{read.client}: owner {found.owner} is version {found.owner_version} after version {before.owner_version}"
        yield Finding(Kind.REORDERED, read.table, read.key, text, read.end)
    yield from _promise(read, known, version)
    before.version = version
    before.owner, before.owner_version = found.owner, found.owner_version or NEVER


def _promise(read: Read, known: Key | None, version: int) -> Iterator[Finding]:
    """Older than was promised with the read: a write acknowledged longer ago than that is not in it."""
    if read.promised is None or known is None:
        return
    due = known.newest(read.start - read.promised)
    if due is not None and due.version > version:
        text = f"{read.client}: version {version} with at most {read.promised:g} s promised; version {due.version} was acknowledged "
        yield Finding(Kind.STALE, read.table, read.key, f"{text}{read.start - due.end:.1f} s before", read.end)
