"""An experiment in Chaos Toolkit's format. Pure: what the toolkit runs, and what lies beside the report as experiment.json."""

from __future__ import annotations

from typing import Any

from chaos.experiments.entry import Entry
from chaos.session import EFFECT_SECONDS, Options

_PROBES = "chaos.experiments.probes"
_ACTIONS = "chaos.experiments.actions"


def _python(module: str, function: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "python", "module": module, "func": function, "arguments": arguments}


def _probe(name: str, function: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "probe", "name": name, "tolerance": True, "provider": _python(_PROBES, function, **arguments)}


def _action(name: str, function: str, **arguments: Any) -> dict[str, Any]:
    return {"type": "action", "name": name, "provider": _python(_ACTIONS, function, **arguments)}


def _judged(entry: Entry, options: Options) -> list[str]:
    """What has to fire while the fault lasts, so that it must not fire before. The rest is not waited for (chaos.checker.alerts)."""
    return sorted(name for name, within in entry.alerts().must.items() if within <= options.duration + EFFECT_SECONDS)


def build(entry: Entry, description: str, options: Options) -> dict[str, Any]:
    """Steady state, load, fault, healing, convergence. What the end must be like is the checker's business, not a second hypothesis."""
    snapshot = [_action("a snapshot of all tables begins", "start_snapshot")] if options.phase == "snapshot" else []
    return {
        "version": "1.0.0",
        "title": entry.name,
        "description": f"{description}. What must hold: {entry.holds}.",
        "tags": ["cdc", entry.name, options.phase],
        "configuration": {},
        "steady-state-hypothesis": {
            "title": "The pipeline is complete and on time",
            "probes": [
                _probe("every service serves", "everything_serves"),
                _probe("no record waits in Kafka", "nothing_waits"),
                _probe("no page fires, nor what this fault has to raise", "nothing_fires", names=_judged(entry, options)),
                _probe("every document is what SQL says", "documents_agree"),
            ],
        },
        "method": [
            _action("clients begin to write and read", "start_load"),
            _action("they do so for a while", "wait", seconds=options.warm_up),
            _action("the pipeline keeps up with them", "settle"),
            *snapshot,
            _action(description, "inject"),
            _action("it lasts", "wait", seconds=options.duration),
            _action("it is mended", "heal"),
            *([_action("the snapshot ends", "end_snapshot")] if snapshot else []),
            _action("all that was acknowledged can be read", "converge"),
        ],
        "rollbacks": [_action("it is mended", "heal"), _action("clients end", "stop_load")],
    }
