"""What happens inside docker-compose.yml's one-shot services, with the templates and the code of the local mode.

python -m stack.containers configure   every configuration file, into /etc/cdc (compose mounts it everywhere)
python -m stack.containers topics      the topics that capture needs
python -m stack.containers seed        the first rows, as far as they are missing
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from stack import brokers, kafka, members, seeding
from stack.errors import StackError
from stack.render import TEMPLATES, fill, write
from stack.rules import rules
from stack.settings import HOST, Settings, load

ETC = Path("/etc/cdc")
BROKER = "kafka:9092"
"""Kafka's listener for the other containers; the one for this machine is KAFKA_PORT, as in local mode."""

_SUPERVISED = {"program.conf", "supervisord.conf"}  # Docker supervises here


def values(shared: Mapping[str, str]) -> dict[str, str]:
    """What the templates ask for, for containers. Ports inside a container are those outside, but for BROKER."""
    outside, controller = shared["KAFKA_PORT"], shared["KAFKA_CONTROLLER_PORT"]
    return dict(shared) | {
        **brokers.LONE,
        "POSTGRES_LISTEN": "*",
        "POSTGRES_CLIENTS": "all",
        "KAFKA_HOST": "kafka",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{BROKER.split(':')[1]},HOST://:{outside},CONTROLLER://:{controller}",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{BROKER},HOST://{HOST}:{outside}",
        "KAFKA_LISTENER_PROTOCOLS": "PLAINTEXT:PLAINTEXT,HOST:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_DATA": "/var/lib/kafka/data",
        "KAFKA_BOOTSTRAP": BROKER,
        "CONNECT_LISTENERS": f"http://0.0.0.0:{shared['CONNECT_PORT']}",
        "CONNECT_HOST": "connect",
        "CONNECT_REST_PORT": shared["CONNECT_PORT"],
        "CONNECT_PLUGINS": "/opt/plugins",
        "MONGO_DATA": "/data/db",
        "MONGO_QUIESCE_MS": members.LONE_QUIESCE_MS,
        "MONGO_BIND": "0.0.0.0",
        "REDIS_BIND": "0.0.0.0",
        "REDIS_PROTECTED": "no",
        "PROMETHEUS_TARGETS": str(ETC / "targets"),
        "PROMETHEUS_RULES": str(ETC / "rules.yml"),
    }


def targets(shared: Mapping[str, str], project: str, workers: int) -> dict[str, list[str]]:
    """What Prometheus scrapes, by job. A worker is named as compose names the containers of a scaled service."""
    return {
        "prometheus": [f"prometheus:{shared['PROMETHEUS_PORT']}"],
        "api": [f"api:{shared['API_PORT']}"],
        "alertmanager": [f"alertmanager:{shared['ALERTMANAGER_PORT']}"],
        "worker": [f"{project}-worker-{number}:{shared['WORKER_METRICS_PORT']}" for number in range(1, workers + 1)],
        "prober": [f"prober:{shared['PROBER_METRICS_PORT']}"],
        "keeper": [f"keeper:{shared['KEEPER_METRICS_PORT']}"],
        "kafka": [f"kafka:{shared['KAFKA_METRICS_PORT']}"],
        "connect": [f"connect:{shared['CONNECT_METRICS_PORT']}"],
    }


def files(shared: Mapping[str, str], project: str, workers: int) -> dict[str, str]:
    """Every configuration file: its text by its path below /etc/cdc."""
    filled = values(shared)
    found = {path.name: fill(path.name, filled) for path in sorted(TEMPLATES.iterdir()) if path.name not in _SUPERVISED}
    # The image makes the first database over Postgres' socket; nobody outside the container reaches that.
    found["pg_hba.conf"] += "local   all          all                        scram-sha-256\n"
    found["rules.yml"] = rules(shared)
    jobs = targets(shared, project, workers)
    return found | {f"targets/{job}.json": json.dumps([{"targets": addresses}]) + "\n" for job, addresses in jobs.items()}


def configure(settings: Settings, environment: Mapping[str, str], etc: Path = ETC) -> str:
    """Writes the files. Raises KeyError unless COMPOSE_PROJECT_NAME and WORKERS are set."""
    wanted = files(settings.shared, environment["COMPOSE_PROJECT_NAME"], int(environment["WORKERS"]))
    changed = [name for name, text in wanted.items() if write(etc / name, text)]
    return f"{etc}: {', '.join(changed) or 'nothing'} changed"


def seed(environment: Mapping[str, str]) -> str:
    """Adds the rows that are missing. Raises StackError if that fails."""
    missing = seeding.Amounts.of(environment).less(seeding.present(environment["SEED_POSTGRES_DSN"]))
    if not missing.any():
        return "all rows are there"
    seeding.seed(missing, environment)
    return f"added {missing.users} users, {missing.items} items, {missing.tags} tags"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one of the commands; 0 when it is done."""
    parser = argparse.ArgumentParser(
        prog="python -m stack.containers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("configure", "topics", "seed"))
    command = parser.parse_args(argv).command
    settings = load()
    try:
        if command == "configure":
            print(configure(settings, os.environ))
        elif command == "topics":
            print(f"topics created: {', '.join(kafka.create_topics(settings, BROKER)) or 'none, all were there'}")
        else:
            print(seed(os.environ))
    except StackError as error:
        print(f"{error.reason}\n{error.advice}".rstrip(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
