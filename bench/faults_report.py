"""bench/FAULTS.md. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bench.faults import AWAY, RATE, Outcome

HEAD = """# Under the same fault

Written by `make bench-faults`: mongod killed (SIGKILL) for {away:.0f} s under {rate} inserts/s, all sinks running on the same topics at the
same time. Recovered: seconds after mongod served again until a sink showed the writes of two seconds before. Lost: rows that are in
Postgres and, once nothing moved any more, not in MongoDB.

| sink | lost | state afterwards | recovered | lost after a restart by hand |
|---|---|---|---|---|
"""


def markdown(outcomes: Sequence[Outcome], scale: float) -> str:
    """The page."""
    return HEAD.format(away=AWAY * scale, rate=RATE) + "".join(map(_row, outcomes))


def _row(one: Outcome) -> str:
    recovered = "not without help" if one.recovered is None else f"{one.recovered:.1f} s"
    helped = "" if one.missing_after_help is None else f"{one.missing_after_help:,}"
    return f"| {one.title} | {one.missing:,} of {one.committed:,} | {one.state} | {recovered} | {helped} |\n"
