"""Where the prober looks, and how often."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from cdc_consumer.readmodel.documents import HERE


class ProberSettings(BaseSettings):
    """Environment variables PROBER_*. Names that end in _s are seconds."""

    model_config = SettingsConfigDict(env_prefix="PROBER_")

    metrics_host: str = "127.0.0.1"  # 0.0.0.0 in a container
    metrics_port: int = 9121
    postgres_dsn: SecretStr = SecretStr("postgresql://cdc_prober@127.0.0.1:5432/app")
    slot: str = "cdc"
    broker: str = "127.0.0.1:9092"
    group: str = "cdc-worker"
    topic_prefix: str = "cdc"
    partitions: int = 4
    """Of the topics; each gets a canary."""
    connect_url: str = "http://127.0.0.1:8083"
    connect_name: str = "cdc-postgres"
    mongo_uri: str = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    mongo_db: str = "cdc"
    redis_url: str = "redis://127.0.0.1:6379/0"
    api_url: str = "http://127.0.0.1:8000"
    prometheus_url: str = "http://127.0.0.1:9090"
    worker_targets: str = ""
    """The file in which Prometheus finds the workers; without it their state is unknown."""
    documents: str = HERE
    """The declarations to compare, as module:name."""

    lost_after_s: float = 60.0
    """A canary that is not in MongoDB by then is lost; when it comes after all, late."""
    interval_s: float = 3.0
    """Between two looks at a component; a value older than three of them is not shown."""
    timeout_s: float = 2.0
    """For one answer of a component."""
    verify_every_s: float = 2.0
    verify_documents: int = 500
    """Documents compared in one step, each verify_every_s."""
    log_format: str = "console"  # or json
