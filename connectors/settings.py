"""Where Kafka Connect is, and what the connector is told about the source."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from cdc_consumer.readmodel.documents import HERE


class ConnectSettings(BaseSettings):
    """Environment variables CONNECT_*; the database is named as Connect sees it."""

    model_config = SettingsConfigDict(env_prefix="CONNECT_")

    url: str = "http://127.0.0.1:8083"
    name: str = "cdc-postgres"
    db_host: str = "127.0.0.1"
    db_port: int = 5432
    db_name: str = "app"
    db_user: str = "cdc_connector"
    db_password: SecretStr = SecretStr("")
    topic_prefix: str = "cdc"
    slot: str = "cdc"
    publication: str = "cdc_pub"
    documents: str = HERE
    """The declarations whose tables are captured, as module:name."""
    partitions: int = 4
    replication_factor: int = 1
