"""bench/RESULTS.md: the figures, what was compared, and how to get them again. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.results import Workload
from bench.sizes import Sizes
from bench.workloads import MEMORY_MB, spread

HEAD = """# Results

Written by `make bench`; figures are medians of {repeats} interleaved repetitions, in brackets the lowest and the highest. Every sink
reads the same topics, and after each run every document is compared with what the records say. Date: {date}. Machine: {machine}.
The bars are promised for the ratio to the *better* peer in the same run.

![ratios](ratios.svg)

"""

FOOT = """
## What is compared

- **ours**: `python -m cdc_consumer worker`, one process. *mirrors only* (`CDC_MIRRORS_ONLY=True`) does what a sink connector does: one
  versioned document a row. *joined* also builds `users` and `items` with owner and tags; its rate counts the same records, though it
  writes more documents. The collections have no index for queries, as the peers' have none; *with the API's indexes* keeps those of
  `items_read` during the load.
- **mongodb**: `org.mongodb.kafka:mongo-kafka-connect:2.0.1`, its Debezium PostgreSQL handler, `max.poll.records` 4000 (one bulk a poll).
- **debezium**: `io.debezium:debezium-connector-mongodb:3.6.1.Final` as a sink, `max.poll.records` 4000, `batch.size` 2000.
- Each peer has a Connect worker of its own (1 GB heap, default plugin discovery, one task), started and warmed up by one load before
  anything is counted; our process is new in every run. Everybody writes with `w=majority`, journalled on this one member.
- The clock begins when the consumer group has its partitions and ends when the row of each partition's last record is in MongoDB as it
  must be. Processor time is of that span, from /proc. Peak memory is VmHWM, for a peer since its Connect worker began.
- Rows: the proportions of `make seed`, {load}.
- Latency: open loop, half inserts with two tags, half updates, from when a write was *due* until a change stream shows the document
  whole: ours with its owner's name and its tags' names, the peers' the bare row. *Every row*: the peers' item and the rows of its tags, in
  runs of their own. The bar is for the bare row. Measured in {rotations} rotations, after one that is not counted, since capture has just
  been started.

## Again

```
make bench            # everything; writes this page, results.json and ratios.svg
make bench SCALE=0.1  # a quick look, written to artifacts/bench/
make bench-faults     # mongod killed for 45 s under 400 writes/s, with each of the sinks in turn
```
"""


def markdown(lines: Sequence[Workload], sizes: Sizes, about: Mapping[str, str], memory: float | None, failed: Sequence[str]) -> str:
    """The page. `about` has the machine and the date; `memory` is the worker's peak at the largest load, MB."""
    text = HEAD.format(repeats=sizes.repeats, **about)
    text += "| workload | unit | ours | MongoDB sink | Debezium sink | ratio | bar |\n|---|---|---|---|---|---|---|\n"
    text += "".join(_row(line) for line in lines if not line.name.startswith("growth"))
    if grown := [line for line in lines if line.name.startswith("growth")]:
        text += "\n## As rows grow\n\n| | unit | measured |\n|---|---|---|\n"
        text += "".join(f"| {line.title} | {line.unit} | {spread(list(line.ours))} |\n" for line in grown)
    if memory is not None:
        text += (
            f"\nPeak memory of the worker at the largest load: {memory:.0f} MB (bar: {MEMORY_MB:.0f} MB, {_kept(memory <= MEMORY_MB)}).\n"
        )
    notes = [f"- {line.title}: {line.note}" for line in lines if line.note] + [f"- {one}" for one in failed]
    if notes:
        text += "\n## Notes\n\n" + "\n".join(dict.fromkeys(notes)) + "\n"
    return text + FOOT.format(rotations=sizes.rotations, load=f"{sizes.users:,} users, {sizes.items:,} items, their links")


def _row(line: Workload) -> str:
    peers = [spread(list(line.peers.get(name, ()))) for name in ("mongodb", "debezium")]
    ratio = line.ratio()
    bar = f"{line.bar}, {_kept(bool(line.holds()))}" if line.bar else ""
    cells = (line.title, line.unit, spread(list(line.ours)), *peers, "" if ratio is None else f"{ratio:.2f}", bar)
    return f"| {' | '.join(cells)} |\n"


def _kept(holds: bool) -> str:
    return "kept" if holds else "**missed**"
