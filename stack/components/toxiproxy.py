"""Toxiproxy, which disturbs connections on purpose (PROXIES=1): built by the machine's Go from pinned modules, and kept in the cache.

Nobody ships it as a package that is fetched here, so it is compiled when it is asked for. `go build` checks every module against
toxiproxy/go.sum and reads no other version than those of toxiproxy/go.mod.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from stack.components.command import run
from stack.components.store import Progress, cache_directory, home, locked, unpacking
from stack.errors import StackError

SOURCE = Path(__file__).parent / "toxiproxy"
_PACKAGE = "github.com/Shopify/toxiproxy/v2/cmd/server"
_PIN = ("go.mod", "go.sum")
_BINARY = "toxiproxy"
ADVICE = "apt-get install golang, or put go on PATH; without it everything but the network faults works: make up"


def _directory() -> Path:
    return home(cache_directory(), "toxiproxy", "\n".join((SOURCE / name).read_text() for name in _PIN))


def provide(progress: Progress) -> Path:
    """Where toxiproxy lies; built first when it is not there, which takes a minute (43 s of CPU).

    Raises:
        StackError: Go is missing, a module cannot be had or is not the pinned one, or it does not compile.
    """
    target = _directory()
    if not target.is_dir():
        go = shutil.which("go")
        if go is None:
            raise StackError("PROXIES=1 needs toxiproxy, which Go builds, and there is no go on PATH", advice=ADVICE)
        with locked(cache_directory() / "lock", progress):
            if not target.is_dir():
                _build(go, target, progress)
    return target / _BINARY


def _build(go: str, target: Path, progress: Progress) -> None:
    with unpacking(target) as (downloads, whole):
        environment = {
            **os.environ,
            "GOMODCACHE": str(downloads / "modules"),
            "GOCACHE": str(downloads / "build"),
            "GOFLAGS": "-mod=readonly -modcacherw -trimpath -buildvcs=false",  # a cache that cannot be written cannot be swept either
            "GOTOOLCHAIN": "local",
            "CGO_ENABLED": "0",
        }
        command = [go, "build", "-C", str(SOURCE), "-o", str(whole / _BINARY), _PACKAGE]
        wrong = ("checksum mismatch", "SECURITY ERROR")
        run(command, "toxiproxy, built by Go", progress, grows=downloads, final=wrong, environment=environment)
