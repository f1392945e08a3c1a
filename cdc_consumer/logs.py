"""Logs of the worker: structlog, for people or as JSON."""

from __future__ import annotations

import structlog


def configure(form: str) -> None:
    """Set up logging to standard output; `form` is "console" or "json"."""
    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ]
    )
