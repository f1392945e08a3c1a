"""The settings of every process, as environment variables (one prefix a process)."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from stack import brokers, members, routes
from stack.layout import Layout, layout
from stack.passwords import Passwords
from stack.settings import HOST, Settings


def process_env(settings: Settings, passwords: Passwords) -> dict[str, str]:
    """What `.stack/env` holds: the variables of all processes. The worker's own are those of worker 1."""
    shared = settings.shared
    postgres = f"{HOST}:{settings.port('POSTGRES')}/{shared['POSTGRES_DB']}"
    admin = f"postgres:{passwords.postgres}@{postgres}"
    mongo = members.uri(settings)
    return {
        "API_HOST": HOST,
        "API_PORT": str(settings.port("API")),
        "API_POSTGRES_DSN": f"postgresql+psycopg://{shared['POSTGRES_API_ROLE']}:{passwords.api}@{postgres}",
        "API_MONGO_URI": mongo,
        "API_MONGO_DB": shared["MONGO_DB"],
        "API_REDIS_URL": f"redis://{HOST}:{settings.port('REDIS')}/0",
        "CDC_BROKER": brokers.bootstrap(settings),
        "CDC_GROUP": shared["CONSUMER_GROUP"],
        "CDC_TOPIC_PREFIX": shared["TOPIC_PREFIX"],
        "CDC_MONGO_URI": mongo,
        "CDC_MONGO_DB": shared["MONGO_DB"],
        **worker_env(settings, 1),
        "MIGRATE_POSTGRES_DSN": f"postgresql://{admin}",
        "MIGRATE_API_PASSWORD": passwords.api,
        "MIGRATE_CONNECTOR_PASSWORD": passwords.connector,
        "MIGRATE_PROBER_PASSWORD": passwords.prober,
        "CONNECT_URL": f"http://{HOST}:{settings.port('CONNECT')}",
        "CONNECT_NAME": shared["CONNECT_NAME"],
        "CONNECT_DB_HOST": HOST,
        "CONNECT_DB_PORT": routes.connect_postgres(settings),
        "CONNECT_DB_NAME": shared["POSTGRES_DB"],
        "CONNECT_DB_USER": shared["POSTGRES_CONNECTOR_ROLE"],
        "CONNECT_DB_PASSWORD": passwords.connector,
        "CONNECT_TOPIC_PREFIX": shared["TOPIC_PREFIX"],
        "CONNECT_SLOT": shared["POSTGRES_SLOT"],
        "CONNECT_PUBLICATION": shared["POSTGRES_PUBLICATION"],
        "CONNECT_PARTITIONS": shared["TOPIC_PARTITIONS"],
        **brokers.told(settings),
        "KEEPER_METRICS_PORT": str(settings.port("KEEPER_METRICS")),
        "VERIFY_POSTGRES_DSN": f"postgresql://{admin}",
        "VERIFY_MONGO_URI": mongo,
        "VERIFY_MONGO_DB": shared["MONGO_DB"],
        **_prober_env(settings, passwords),
        "SEED_POSTGRES_DSN": f"postgresql://{admin}",
        "CLEAN_MONGO_URI": mongo,
        "CLEAN_MONGO_DB": shared["MONGO_DB"],
        "ALERTS_ALERTMANAGER_URL": f"http://{HOST}:{settings.port('ALERTMANAGER')}",
        "ALERTS_PROMETHEUS_URL": f"http://{HOST}:{settings.port('PROMETHEUS')}",
        "BOARD_HOST": HOST,
        "BOARD_PORT": str(settings.port("BOARD")),
        "BOARD_PROMETHEUS_URL": f"http://{HOST}:{settings.port('PROMETHEUS')}",
        "PROMETHEUS_URL": f"http://{HOST}:{settings.port('PROMETHEUS')}",
    }


def _prober_env(settings: Settings, passwords: Passwords) -> dict[str, str]:
    shared = settings.shared
    url = {name: f"http://{HOST}:{settings.port(name)}" for name in ("CONNECT", "API", "PROMETHEUS")}
    postgres = f"{HOST}:{settings.port('POSTGRES')}/{shared['POSTGRES_DB']}"
    return {
        "PROBER_METRICS_PORT": str(settings.port("PROBER_METRICS")),
        "PROBER_POSTGRES_DSN": f"postgresql://{shared['POSTGRES_PROBER_ROLE']}:{passwords.prober}@{postgres}",
        "PROBER_SLOT": shared["POSTGRES_SLOT"],
        "PROBER_BROKER": brokers.bootstrap(settings),
        "PROBER_GROUP": shared["CONSUMER_GROUP"],
        "PROBER_TOPIC_PREFIX": shared["TOPIC_PREFIX"],
        "PROBER_PARTITIONS": shared["TOPIC_PARTITIONS"],
        "PROBER_CONNECT_URL": url["CONNECT"],
        "PROBER_CONNECT_NAME": shared["CONNECT_NAME"],
        "PROBER_MONGO_URI": members.uri(settings),
        "PROBER_MONGO_DB": shared["MONGO_DB"],
        "PROBER_REDIS_URL": f"redis://{HOST}:{settings.port('REDIS')}/0",
        "PROBER_API_URL": url["API"],
        "PROBER_PROMETHEUS_URL": url["PROMETHEUS"],
        "PROBER_WORKER_TARGETS": str(layout(settings.directory).etc / "targets" / "worker.json"),
    }


def worker_env(settings: Settings, number: int) -> dict[str, str]:
    """The variables that differ between workers."""
    return {"CDC_WORKER": f"worker-{number}", "CDC_METRICS_PORT": str(settings.worker_port(number))}


def keeper_env(env: Mapping[str, str]) -> dict[str, str]:
    """The keeper's variables: it looks at what the connector captures, and sweeps where the workers write."""
    shared = {key: env[key] for key in ("CDC_BROKER", "CDC_GROUP", "CDC_TOPIC_PREFIX", "CDC_MONGO_URI", "CDC_MONGO_DB")}
    return select(env, "KEEPER_") | select(env, "CONNECT_") | shared


def select(env: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The variables of one process."""
    return {key: value for key, value in env.items() if key.startswith(prefix)}


def as_dotenv(env: Mapping[str, str]) -> str:
    """Lines that a shell can source."""
    return "".join(f"{key}={shlex.quote(value)}\n" for key, value in env.items())


def write_dotenv(paths: Layout, env: Mapping[str, str]) -> None:
    """Writes `.stack/env`, readable by its owner only."""
    target = paths.directory / "env"
    text = as_dotenv(env)
    if target.exists() and target.read_text() == text:
        return
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
