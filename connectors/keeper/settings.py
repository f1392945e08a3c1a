"""Settings of the keeper, from the environment (prefix KEEPER_)."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class KeeperSettings(BaseSettings):
    """Every setting with its default for a laptop. Durations are in seconds."""

    model_config = SettingsConfigDict(env_prefix="KEEPER_")

    metrics_host: str = "127.0.0.1"  # 0.0.0.0 in a container
    metrics_port: int = 0  # 0: any free port
    look_seconds: float = 2.0
    restart_tries: int = 7  # as Strimzi's auto-restart; then it says that it gave up
    restart_first_seconds: float = 1.0  # doubles with every try
    restart_longest_seconds: float = 60.0
    healthy_seconds: float = 300.0  # after that long without a failure the tries count from the beginning
    sweep_seconds: float = 3600.0  # how long one sweep may take before it is begun again
    log_format: str = "console"  # or json
