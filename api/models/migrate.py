from __future__ import annotations

from pydantic import PostgresDsn, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class MigrateSettings(BaseSettings):
    """What a migration needs: MIGRATE_POSTGRES_DSN of a superuser and the passwords of the roles it makes.

    A role whose password is not given keeps the one it has (none, when it is new).
    """

    model_config = SettingsConfigDict(env_prefix="MIGRATE_", env_file=".env", extra="ignore")

    postgres_dsn: PostgresDsn
    api_password: SecretStr | None = None
    connector_password: SecretStr | None = None
    prober_password: SecretStr | None = None

    @field_validator("postgres_dsn")
    @classmethod
    def _with_driver(cls, dsn: PostgresDsn) -> PostgresDsn:
        # A plain postgresql:// would make SQLAlchemy look for psycopg2.
        return PostgresDsn(str(dsn).replace("postgresql://", "postgresql+psycopg://", 1))
