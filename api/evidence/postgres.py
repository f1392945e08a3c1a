"""Explains every statement in the transaction that sends it, just before it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.evidence.plans import Plan

# A table of so few pages (8 kB each) is read as a whole: going through an index would read more.
SMALL_PAGES = 8

FOREIGN_KEYS = """
SELECT c.conname, c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text,
    ARRAY(SELECT i.indexrelid::regclass::text FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace ORDER BY 1"""

# What no plan shows: the index behind a primary key or a unique constraint is looked up by every INSERT.
INDEXES = """
SELECT i.indexrelid::regclass::text, i.indisunique FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relname IN ('users', 'items', 'tags', 'item_tags') ORDER BY 1"""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan in EXPLAIN's JSON."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def _indexes(root: dict[str, Any]) -> frozenset[str]:
    named = {node["Index Name"] for node in nodes(root) if "Index Name" in node}
    return frozenset(named.union(*(node.get("Conflict Arbiter Indexes", ()) for node in nodes(root))))


def _scanned(root: dict[str, Any]) -> set[str]:
    return {node["Relation Name"] for node in nodes(root) if node["Node Type"] == "Seq Scan"}


def _filtered(root: dict[str, Any]) -> int:
    """Rows that were read and thrown away."""
    kinds = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(int(node.get(kind, 0)) for node in nodes(root) for kind in kinds)


def explain(connection: Connection, statement: str, parameters: Any = None) -> Plan:
    """The plan of one statement, which is run, and undone. Faults: a big table read as a whole, rows read in vain."""
    cursor: Any = connection.connection.cursor()

    def run(options: str, *settings: str) -> list[Any]:
        cursor.execute("SAVEPOINT evidence")
        for setting in settings:
            cursor.execute(f"SET LOCAL {setting}")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, {options}) {statement}", parameters)
        rows = [row[0] for row in cursor.fetchall()]
        cursor.execute("ROLLBACK TO SAVEPOINT evidence")
        return rows

    def pages(table: str) -> int:
        cursor.execute("SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int", (table,))
        return int(cursor.fetchone()[0])

    shown = "\n".join(run("FORMAT TEXT"))
    (found,) = run("FORMAT JSON")
    root = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    scanned, indexes = _scanned(root), _indexes(root)
    faults: list[str] = []
    faults += [f"reads all of {table}" for table in sorted(scanned) if pages(table) > SMALL_PAGES]
    if scanned and not faults:
        # Small today: the index must be there, and fit, for the day when it is not.
        shown += "\n\nThe same without sequential scans, which are chosen above because the table is small:\n\n"
        shown += "\n".join(run("FORMAT TEXT", "enable_seqscan = off"))
        (again,) = run("FORMAT JSON", "enable_seqscan = off")
        forced = (json.loads(again) if isinstance(again, str) else again)[0]["Plan"]
        indexes |= _indexes(forced)
        faults += [f"has no index to find rows of {table} by" for table in sorted(_scanned(forced))]
    if not scanned and _filtered(root) > 0:
        faults.append(f"reads {_filtered(root)} rows in vain")
    return Plan(" ".join(statement.split()), shown, indexes, f"rows {root['Actual Rows']:g}", faults)


class Recorder:
    """Collects the plans of all statements that go through a connection while it is listening."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.plans: list[Plan] = []
        self._connection = connection.sync_connection
        event.listen(self._connection, "before_cursor_execute", self._before)

    def _before(self, connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            self.plans.append(explain(connection, statement, parameters))

    def take(self) -> list[Plan]:
        """What was collected since the last call."""
        plans, self.plans = self.plans, []
        return plans

    def stop(self) -> None:
        """Stops listening."""
        event.remove(self._connection, "before_cursor_execute", self._before)


def foreign_key_plans(connection: Connection) -> list[tuple[str, Plan]]:
    """What PostgreSQL itself asks when a parent row is deleted: its RI triggers' queries are in no plan.

    Fault: no index that begins with the column is used (one that only contains it would be searched once for each value before it).
    """
    found = []
    for name, child, column, parent, fitting in connection.execute(text(FOREIGN_KEYS)).all():
        key = connection.scalar(text(f"SELECT id FROM {parent} ORDER BY id LIMIT 1"))  # noqa: S608  # names from the catalog
        query = f"SELECT 1 FROM ONLY {child} x WHERE x.{column} = {int(key)} FOR KEY SHARE OF x"  # noqa: S608
        plan = explain(connection, query)
        if plan.indexes.isdisjoint(fitting):
            plan.faults.append(f"no index that begins with {column} is used")
        found.append((name, plan))
    return found


def all_indexes(connection: Connection) -> dict[str, bool]:
    """Every index of the write model; True for those that keep something unique."""
    return {name: unique for name, unique in connection.execute(text(INDEXES)).all()}  # noqa: C416  # rows, not pairs, for mypy
