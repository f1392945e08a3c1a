"""Histories written by hand: one line a fact, times in whole seconds."""

from chaos.history.book import collect
from chaos.history.records import Mark, Op, Outcome, Read, Sample, Seen, Write
from chaos.tokens import Tokens

RUN = Tokens("r1")


def wrote(version, key, op=Op.UPDATE, *, table="users", at=None, outcome=Outcome.OK, owner=None, tags=()):
    moment = float(version if at is None else at)
    return Write(version, table, key, op, moment, moment, moment + 0.5, outcome, owner, tags)


def user(version):
    return {"id": 1, **RUN.user(version)}


def item(version, owner=1, owner_version=1, tags=(), **changed):
    made = RUN.item(version, owner, tags)
    made.pop("owner_id")
    return {**made, "owner": {"id": owner, **RUN.user(owner_version)}, **changed}


def read(document, key=1, *, at, table="users", client="a", outcome=Outcome.OK, promised=None):
    return Read(client, "api", table, key, at, at, at + 0.1, outcome, document, promised)


def history(*lines):
    return collect(lines)


__all__ = ["RUN", "Mark", "Op", "Outcome", "Read", "Sample", "Seen", "Write", "history", "item", "read", "user", "wrote"]
