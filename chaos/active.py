"""Tells Prometheus which experiment runs: `cdc_chaos_active{experiment}`, for the dashboards."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, start_http_server

from chaos.backends import Backend, Local
from stack.settings import HOST


@contextlib.contextmanager
def published(backend: Backend, experiment: str) -> Iterator[None]:
    """Served on a free port while the block lasts; Prometheus finds the port in a file that it watches (local mode)."""
    if not isinstance(backend, Local):
        yield
        return
    registry = CollectorRegistry()
    Gauge("cdc_chaos_active", "Whether this experiment runs", ["experiment"], registry=registry).labels(experiment).set(1)
    server, thread = start_http_server(0, addr=HOST, registry=registry)
    file = backend.stack.paths.etc / "targets" / "chaos.json"
    _point(file, [f"{HOST}:{server.server_port}"])
    try:
        yield
    finally:
        _point(file, [])
        server.shutdown()
        server.server_close()
        thread.join(5)


def _point(file: Path, addresses: list[str]) -> None:
    scratch = file.with_suffix(".new")
    scratch.write_text(json.dumps([{"targets": addresses}] if addresses else []) + "\n")
    scratch.replace(file)
