"""How processes are broken and mended: local ones through the stack's supervisor, containers through Docker; the same names in both."""

from __future__ import annotations

from chaos.backends.base import Backend
from chaos.backends.compose import Compose
from chaos.backends.local import Local

__all__ = ["Backend", "Compose", "Local", "backend"]


def backend(mode: str) -> Backend:
    """The back end of MODE=local or MODE=compose. Raises StackError when there is no stack."""
    return Compose.here() if mode == "compose" else Local.here()
