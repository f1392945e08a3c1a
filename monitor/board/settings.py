"""Where the board listens and asks."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class BoardSettings(BaseSettings):
    """Environment variables BOARD_*."""

    model_config = SettingsConfigDict(env_prefix="BOARD_")

    host: str = "127.0.0.1"
    port: int = 13100
    prometheus_url: str = "http://127.0.0.1:9090"
    """http://host:port of Prometheus."""
    query_timeout_s: float = 4.0
    """Seconds for one answer of Prometheus; after the first that is late the rest of a refresh is not asked."""
