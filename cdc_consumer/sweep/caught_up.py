"""Waiting until a group of workers has applied everything that topics hold now, seen from outside of the workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from confluent_kafka import KafkaException

from cdc_consumer.offsets import GroupOffsets, behind_by

LOOK_SECONDS: Final = 0.3
SAY_SECONDS: Final = 5.0


class SweepError(Exception):
    """Nothing was removed, or not everything: what happened, and the next step."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step


def wait_applied(broker: str, group: str, topics: Sequence[str], seconds: float, say: Callable[[str], None]) -> None:
    """Return once the group has committed the offsets at which the topics end when this is called.

    Raises SweepError when it has not after `seconds`, or Kafka does not answer.
    """
    offsets = GroupOffsets(broker, group)
    started = said = time.monotonic()
    try:
        wanted = offsets.ends(topics)
        while behind := behind_by(wanted, offsets.committed(list(wanted))):
            now = time.monotonic()
            if now - started > seconds:
                raise SweepError(
                    f"The workers still have {behind:,} records to apply after {seconds:.0f} s.",
                    "See whether a worker runs and what holds it up: `make status`, `make logs S=worker`; then run this again.",
                )
            if now - said > SAY_SECONDS:
                said = now
                say(f"waiting for the workers to apply {behind:,} more records")
            time.sleep(LOOK_SECONDS)
    except KafkaException as error:
        said_by_kafka = error.args[0].str()
        raise SweepError(f"Kafka at {broker}: {said_by_kafka}", "See whether it runs with `make status`; then run this again.") from error
    finally:
        offsets.close()
