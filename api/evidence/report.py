"""The document that shows the plans, and the checks on all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api.evidence.plans import Exchange, Plan
from cdc_consumer.readmodel.indexes import INDEXES

INTRO = """# Evidence: the plans of the API's queries

Made by `make evidence` (`python -m api.evidence`), which sends these requests to the real app in its own process, records every
statement that reaches the databases, and explains exactly those: `EXPLAIN (ANALYZE, BUFFERS)` in PostgreSQL, inside the request's
own transaction, which is rolled back at the end; `explain("executionStats")` in MongoDB. It exits with 1 when a check fails.
Which index is for what: [ADR-004](ADR-004.md).
"""


@dataclass(frozen=True)
class Evidence:
    """Everything that was found out."""

    facts: dict[str, str]
    reads: list[Exchange]
    writes: list[Exchange]
    foreign_keys: list[tuple[str, Plan]]
    write_indexes: dict[str, bool]


def faults(found: Evidence) -> list[str]:
    """What contradicts a promise: faults of single plans, and indexes that serve no query."""
    exchanges = found.reads + found.writes
    said = [f"{exchange.title}: {fault}" for exchange in exchanges for plan in exchange.plans for fault in plan.faults]
    said += [f"{exchange.title}: no statement was recorded" for exchange in exchanges if not exchange.plans]
    said += [f"foreign key {name}: {fault}" for name, plan in found.foreign_keys for fault in plan.faults]
    used = _used([plan for exchange in exchanges for plan in exchange.plans] + [plan for _, plan in found.foreign_keys])
    idle = [name for name, unique in found.write_indexes.items() if not unique and name not in used]
    said += [f"index {name} of PostgreSQL serves no query" for name in idle]
    declared = {str(options["name"]) for indexes in INDEXES.values() for _, options in indexes}
    said += [f"index {name} of MongoDB serves no query" for name in sorted(declared - used)]
    return said


def _used(plans: Iterable[Plan]) -> set[str]:
    return {index for plan in plans for index in plan.indexes}


def _plan(plan: Plan, language: str) -> list[str]:
    return [f"```{language}", plan.statement, "```", "```", plan.shown, "```", *(f"**FAULT: {fault}**" for fault in plan.faults), ""]


def _section(exchange: Exchange, language: str) -> list[str]:
    lines = [f"### {exchange.title}", "", f"`{exchange.request}`", ""]
    for plan in exchange.plans:
        lines += _plan(plan, language)
    return lines


def _overview(found: Evidence) -> list[str]:
    lines = ["| request | indexes | result |", "|---|---|---|"]
    for exchange in found.reads + found.writes:
        names = ", ".join(f"`{name}`" for name in sorted(_used(exchange.plans))) or "none"
        many = len(exchange.plans) > 1
        lines.append(f"| {exchange.title} | {names} | {f'{len(exchange.plans)} statements' if many else exchange.plans[0].summary} |")
    return lines


def markdown(found: Evidence) -> str:
    """The whole document."""
    wrong = faults(found)
    lines = [INTRO, *(f"- {name}: {value}" for name, value in found.facts.items()), "", "## Checks", ""]
    lines += [f"- FAILED: {fault}" for fault in wrong] or [
        "All passed: no plan reads a whole table or collection where an index is promised; none examines more documents than it promises",
        "(a page: its rows, one more, and ten for tombstones); every index is used by a query above or keeps something unique.",
    ]
    lines += ["", *_overview(found), "", "## Reads: MongoDB", ""]
    for exchange in found.reads:
        lines += _section(exchange, "json")
    lines += ["## Writes: PostgreSQL", ""]
    for exchange in found.writes:
        lines += _section(exchange, "sql")
    lines += ["## Foreign keys: what PostgreSQL asks itself when a parent row is deleted", ""]
    for name, plan in found.foreign_keys:
        lines += [f"### {name}", "", *_plan(plan, "sql")]
    return "\n".join(lines).rstrip() + "\n"
