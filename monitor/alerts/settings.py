"""Where `python -m monitor.alerts` and `python -m monitor.alerts.ask` ask."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class AlertsSettings(BaseSettings):
    """Variables with the prefix ALERTS_."""

    model_config = SettingsConfigDict(env_prefix="ALERTS_")

    alertmanager_url: str = "http://127.0.0.1:19096"
    prometheus_url: str = "http://127.0.0.1:19090"
    timeout_s: float = 5.0
