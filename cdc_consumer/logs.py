"""Logs of the worker: structlog, for people or as JSON; what libraries say comes out in the same form."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(form: str, level: int = logging.WARNING) -> None:
    """Set up logging to standard output; `form` is "console" or "json". Libraries are heard from `level` on."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    renderer = structlog.processors.JSONRenderer(default=str) if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(processors=[*shared, renderer])
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
