"""Where verify reads."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict

from cdc_consumer.readmodel.documents import HERE


class VerifySettings(BaseSettings):
    """Environment variables VERIFY_*."""

    model_config = SettingsConfigDict(env_prefix="VERIFY_")

    postgres_dsn: str = "postgresql://postgres@127.0.0.1:5432/app"
    mongo_uri: str = "mongodb://127.0.0.1:27017"
    mongo_db: str = "cdc"
    documents: str = HERE
    """The declarations to compare, as module:name."""
