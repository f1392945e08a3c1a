"""Settings of the worker, from the environment (prefix CDC_)."""

from __future__ import annotations

import datetime as dt

from pydantic_settings import BaseSettings, SettingsConfigDict

from cdc_consumer.readmodel.documents import HERE


class Settings(BaseSettings):
    """Every setting with its default for a laptop."""

    model_config = SettingsConfigDict(env_prefix="CDC_")

    broker: str = "127.0.0.1:9092"  # or several with commas between them; any of them tells of the others
    group: str = "cdc-worker"
    topic_prefix: str = "cdc"
    mongo_uri: str = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    mongo_db: str = "cdc"
    worker: str = "worker-1"
    documents: str = HERE  # the declarations to serve, as module:name
    mirrors_only: bool = False  # mirror the tables of the declarations and build no document
    drafts: bool = True  # show documents before they are confirmed (docs/decisions/0022-drafts.md)
    metrics_host: str = "127.0.0.1"  # 0.0.0.0 in a container
    metrics_port: int = 0  # 0: any free port
    tombstone_days: int = 14  # longer than Kafka keeps records: a replay must not outlive what guards against it
    session_timeout: float = 10.0  # seconds until Kafka gives a dead worker's partitions to another
    request_timeout: float = 90.0  # seconds until a broker that does not answer is given up; longer than session_timeout
    watchdog_seconds: float = 120.0  # with lag and without a commit that no outage explains, until the worker is ended; 0: never
    crash_at: str = ""  # see crash_points; for tests
    log_format: str = "console"  # or json

    @property
    def tombstone_ttl(self) -> dt.timedelta:
        """How long tombstones stay."""
        return dt.timedelta(days=self.tombstone_days)
