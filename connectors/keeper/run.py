"""Composition root of the keeper."""

from __future__ import annotations

import signal
import sys

import structlog

from cdc_consumer.http import serve
from cdc_consumer.logs import configure
from cdc_consumer.settings import Settings
from connectors.client import Connect
from connectors.keeper.keeper import LOG, Keeper
from connectors.keeper.metrics import REGISTRY
from connectors.keeper.settings import KeeperSettings
from connectors.keeper.sweeper import Sweeper
from connectors.orphans import sweep_orphans
from connectors.settings import ConnectSettings
from connectors.source import PostgresSource


def keep() -> None:
    """Run in this process until it is told to end; settings from KEEPER_*, CONNECT_* and (for sweeping) CDC_*."""
    settings, capture, worker = KeeperSettings(), ConnectSettings(), Settings()
    configure(settings.log_format)
    structlog.contextvars.bind_contextvars(connector=capture.name)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def sweep(epoch: int) -> dict[str, int]:
        return sweep_orphans(worker, epoch, seconds=settings.sweep_seconds, say=lambda text: LOG.info("sweep", at=text))

    keeper = Keeper(Connect(capture.url, capture.name), PostgresSource(capture), capture, settings, Sweeper(sweep))
    port = serve(settings.metrics_host, settings.metrics_port, keeper.trouble, REGISTRY)
    LOG.info("keeping", look_seconds=settings.look_seconds, metrics_port=port)
    keeper.run()
