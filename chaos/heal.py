"""Mends everything that any experiment may have left behind, in the order in which things need each other."""

from __future__ import annotations

from chaos.backends import Backend
from chaos.backends.base import COMPONENTS, UP
from chaos.experiments.catalogue import ENTRIES
from chaos.faults.base import Room, SkippedError
from chaos.faults.process import Crash, Freeze, Kill


def heal_all(backend: Backend) -> list[str]:
    """What was done or could not be. Idempotent; processes first, since everything else asks them."""
    said = []
    for component in COMPONENTS:
        if (state := backend.states().get(component)) not in {UP, None}:
            backend.thaw(component)
            backend.start(component)
            said.append(f"{component} was {state}")
    room, seen = Room(backend), set[type]()
    for entry in ENTRIES.values():
        fault = entry.fault()
        if isinstance(fault, Kill | Freeze | Crash) or type(fault) in seen:
            continue
        seen.add(type(fault))
        try:
            fault.heal(room)
        except SkippedError:
            continue
        except Exception as error:  # noqa: BLE001 - what one cannot mend must not keep the next from being mended
            said.append(f"{entry.name}: {type(error).__name__}: {str(error)[:200]}")
    return said
