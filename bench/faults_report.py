"""bench/FAULTS.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.faults import AWAY, RATE, Outcome

HEAD = """# Under the same fault

Written by `make bench-faults`: mongod killed (SIGKILL) for {away:.0f} s under {rate} writes/s (each an item and two links), one sink after
the other. Recovered: seconds after mongod served again until the sink showed the writes of two seconds before. Missing: items that are in
Postgres and, once nothing moved any more, not in MongoDB. Date: {date}. Machine: {machine}.

| sink | missing | state afterwards | recovered | missing after a restart by hand |
|---|---|---|---|---|
"""


def markdown(outcomes: Sequence[Outcome], scale: float, about: Mapping[str, str]) -> str:
    """The page. `about` has the machine and the date."""
    return HEAD.format(away=AWAY * scale, rate=RATE, **about) + "".join(map(_row, outcomes))


def _row(one: Outcome) -> str:
    recovered = "never" if one.recovered is None else f"{one.recovered:.1f} s"
    if not one.followed:
        recovered += " (was behind before)"
    helped = "" if one.missing_after_help is None else f"{one.missing_after_help:,}"
    return f"| {one.title} | {one.missing:,} of {one.committed:,} | {one.state} | {recovered} | {helped} |\n"
