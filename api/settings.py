from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt, PostgresDsn, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _with_driver(dsn: SecretStr) -> SecretStr:
    url = PostgresDsn(dsn.get_secret_value())
    # A plain postgresql:// would make SQLAlchemy look for psycopg2.
    return SecretStr(str(url).replace("postgresql://", "postgresql+psycopg://", 1))


class Settings(BaseSettings):
    """The API's settings: environment variables API_*, or a line in .env. Addresses hold passwords and print as stars."""

    model_config = SettingsConfigDict(env_prefix="API_", env_file=".env", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    log_json: bool | None = Field(None, description="JSON lines; by default only where standard error is no terminal")

    postgres_dsn: Annotated[SecretStr, AfterValidator(_with_driver)]
    mongo_uri: SecretStr
    mongo_db: str = "cdc"
    redis_url: SecretStr | None = Field(None, description="Cache of GET /v1/tags; without it every call counts anew")

    # Postgres: at most pool_size + pool_overflow connections; a request waits pool_wait_s for one, then is told 503.
    pool_size: PositiveInt = 10
    pool_overflow: int = Field(10, ge=0)
    pool_wait_s: PositiveFloat = 2.0
    connect_timeout_s: int = Field(3, ge=2, description="libpq takes no less than 2")
    statement_timeout_s: PositiveFloat = 5.0
    lock_timeout_s: PositiveFloat = 3.0
    # The whole transaction as seen from here: the server's own timeouts do not help when the server is frozen.
    transaction_timeout_s: PositiveFloat = 8.0

    mongo_timeout_s: PositiveFloat = 5.0
    mongo_pool_size: PositiveInt = 50
    redis_timeout_s: PositiveFloat = 0.25
    health_timeout_s: PositiveFloat = 2.0

    max_body_bytes: PositiveInt = 64 * 1024
    tags_cache_s: PositiveInt = 2
