"""Records every read that the driver sends, and explains it afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bson import json_util
from pymongo import monitoring

from api.evidence.plans import Plan
from api.mongo import ReadModel, Row

READS = ("find", "aggregate")
# Of the session and the connection, not of the query.
ENVELOPE = frozenset({"lsid", "$db", "$clusterTime", "$readPreference", "maxTimeMS", "readConcern"})


class Recorder(monitoring.CommandListener):
    """Collects the reads of a client, while `listening`."""

    def __init__(self) -> None:
        self.commands: list[Row] = []
        self.listening = False

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Keep a read."""
        if self.listening and event.command_name in READS:
            self.commands.append({key: value for key, value in event.command.items() if key not in ENVELOPE})

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to do."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to do."""

    def take(self) -> list[Row]:
        """What was collected since the last call."""
        commands, self.commands = self.commands, []
        return commands


def stages(plan: Row) -> Iterator[tuple[int, Row]]:
    """Every stage of a winning plan, with its depth."""
    yield 0, plan
    children = [plan[key] for key in ("inputStage", "queryPlan") if key in plan] + plan.get("inputStages", [])
    for child in children:
        yield from ((depth + 1, stage) for depth, stage in stages(child))


def _tree(root: Row) -> str:
    lines = []
    for depth, stage in stages(root):
        if "stage" not in stage:
            continue
        details = [f"{key}={json.dumps(stage[key], default=str)}" for key in ("indexName", "direction", "limitAmount") if key in stage]
        lines.append("  " * depth + " ".join([stage["stage"], *details]))
    return "\n".join(lines)


def _executed(answer: Row) -> tuple[Row, Row]:
    """The winning plan and the totals, of a find or of an aggregate."""
    inner = answer["stages"][0]["$cursor"] if "stages" in answer else answer
    return inner["queryPlanner"]["winningPlan"], inner["executionStats"]


async def explain(db: ReadModel, command: Row, *, examined: int | None, index: str | None) -> Plan:
    """The plan of a read, which is run.

    Faults: another index than the promised one, or more documents examined than promised. `index` None: no promise but
    that there is one; `examined` None: reading the whole collection is what is promised.
    """
    answer: dict[str, Any] = await db.command({"explain": command, "verbosity": "executionStats"})
    root, totals = _executed(answer)
    used = frozenset(stage["indexName"] for _, stage in stages(root) if "indexName" in stage)
    names = {stage.get("stage") for _, stage in stages(root)}
    faults = []
    if examined is not None:
        if "COLLSCAN" in names:
            faults.append("reads the whole collection")
        if totals["totalDocsExamined"] > examined:
            faults.append(f"examines {totals['totalDocsExamined']} documents, {examined} are promised")
    if index is not None and index not in used:
        faults.append(f"uses {sorted(used) or 'no index'}, {index} is promised")
    counted = ("nReturned", "totalKeysExamined", "totalDocsExamined", "executionTimeMillis")
    summary = ", ".join(f"{name} {totals[name]}" for name in counted)
    return Plan(json_util.dumps(command, json_options=json_util.RELAXED_JSON_OPTIONS), f"{_tree(root)}\n{summary}", used, summary, faults)
