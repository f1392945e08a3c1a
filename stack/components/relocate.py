"""Debian's Alertmanager reads its message templates from /usr/share, where a package that is unpacked and not installed has nothing.

Upstream has them inside the binary; Debian's patch reads files, and there is no option for where. So the directory in the binary is
replaced by one of the same length that means "where I was started": `stack.programs` starts it in the directory of the templates.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_SHARE: Final = b"/usr/share/prometheus/alertmanager"
_HERE: Final = b"./" * (len(_SHARE) // 2)
_ALONE: Final = re.compile(re.escape(_SHARE) + rb"(?!/(?:no-)?ui)")  # the paths of the web pages stay: they are an option's default


def relocated(binary: bytes) -> bytes:
    """The same program, reading its templates where it was started. One that carries them inside comes back unchanged."""
    return _ALONE.sub(_HERE, binary)


def relocate(program: Path) -> None:
    """Rewrites an unpacked program in place."""
    program.write_bytes(relocated(program.read_bytes()))


def templates(program: Path) -> Path:
    """Where the templates of this Alertmanager lie, installed or unpacked; there is nothing there if they are inside."""
    return program.parent.parent / "share" / "prometheus" / "alertmanager"
