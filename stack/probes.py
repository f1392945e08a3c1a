"""Does a program serve? Each probe asks it for real work and answers what it found; an open port proves nothing.

Probes raise NotReadyError with what is missing, within a few seconds; anything else is a fault of the stack's own.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import psycopg
import pymongo
import redis
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from pymongo.errors import OperationFailure, PyMongoError

from stack.errors import NotReadyError
from stack.settings import HOST

Probe: TypeAlias = Callable[[], str]

SECONDS = 3.0
_NOT_INITIATED, _NOT_MEMBER = 94, 93


def brief(error: Exception) -> str:
    """An error in a few words; the drivers' own are paragraphs."""
    if isinstance(error, ConnectionRefusedError) or "refused" in str(error):
        return "nothing listens yet"
    return " ".join(str(error).split())[:120] or type(error).__name__


def postgres(dsn: str) -> str:
    """`SELECT 1`, and the version."""
    try:
        with psycopg.connect(dsn, connect_timeout=int(SECONDS)) as connection:
            row = connection.execute("SELECT current_setting('server_version')").fetchone()
    except psycopg.Error as error:
        raise NotReadyError(brief(error)) from error
    return f"PostgreSQL {row[0].split()[0] if row else '?'}"


def kafka_admin(broker: str) -> AdminClient:
    """An admin client that keeps its connection troubles to itself."""
    return AdminClient({"bootstrap.servers": broker, "socket.timeout.ms": int(SECONDS * 1000), "log_level": 0}, logger=None)


def kafka(broker: str) -> str:
    """A metadata request."""
    try:
        metadata = kafka_admin(broker).list_topics(timeout=SECONDS)
    except KafkaException as error:
        raise NotReadyError(error.args[0].str()) from error
    if not metadata.brokers:
        raise NotReadyError("no broker in the metadata")
    return f"{len(metadata.brokers)} broker, {len(metadata.topics)} topics"


def mongo_client(uri: str, *, direct: bool = False) -> pymongo.MongoClient[dict[str, Any]]:
    """A client that gives up after a few seconds; `direct` also talks to a server without a replica set yet."""
    milliseconds = int(SECONDS * 1000)
    options: dict[str, Any] = {"directConnection": True} if direct else {}
    return pymongo.MongoClient(uri, serverSelectionTimeoutMS=milliseconds, connectTimeoutMS=milliseconds, socketTimeoutMS=30_000, **options)


def mongo(member: str, config: dict[str, Any]) -> str:
    """`hello` from a primary, or from a secondary of several. Makes the set of `config` when there is none yet, or moves it to its ports.

    It is the first member's business; another one waits for it.
    """
    hosts = [str(found["host"]) for found in config["members"]]
    try:
        with mongo_client(f"mongodb://{member}/", direct=True) as client:
            hello = client.admin.command("hello")
            role = "primary" if hello.get("isWritablePrimary") else "secondary" if len(hosts) > 1 and hello.get("secondary") else ""
            if role and (role == "primary" or hello.get("primary")):
                return f"MongoDB {client.server_info()['version']}, {role} of {config['_id']}"
            if member != hosts[0]:
                raise NotReadyError("no primary yet")
            try:
                client.admin.command("replSetGetStatus")
            except OperationFailure as error:
                if error.code == _NOT_INITIATED:
                    client.admin.command("replSetInitiate", config)
                elif error.code == _NOT_MEMBER:  # the data was made with other ports
                    version = client.admin.command("replSetGetConfig")["config"]["version"]
                    client.admin.command("replSetReconfig", config | {"version": version + 1}, force=True)
                else:
                    raise
    except PyMongoError as error:
        raise NotReadyError(brief(error)) from error
    raise NotReadyError("no primary yet")


def redis_server(url: str) -> str:
    """`PING`."""
    try:
        with redis.Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as client:
            client.ping()
            info: Any = client.info("server")
    except redis.RedisError as error:
        raise NotReadyError(brief(error)) from error
    return f"Redis {info['redis_version']}"


def fetch(port: int, path: str) -> tuple[int, bytes]:
    """GET from a port of this machine: status and body. Raises NotReadyError if nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise NotReadyError(brief(error)) from error
    finally:
        connection.close()


def answers_200(port: int, path: str, found: str) -> str:
    """`found`, if the path answers 200."""
    status, body = fetch(port, path)
    if status != http.HTTPStatus.OK:
        text = " ".join(body.decode(errors="replace").split())[:120]
        raise NotReadyError(f"{path} answers {status}" if text.startswith("<") else f"{path} answers {status}: {text}")
    return found


def connector(port: int, name: str) -> str:
    """Connector and every task RUNNING."""
    status, body = fetch(port, f"/connectors/{name}/status")
    if status != http.HTTPStatus.OK:
        raise NotReadyError(f"connector {name} is not registered (HTTP {status})")
    found = json.loads(body)
    states = [found["connector"]["state"], *(task["state"] for task in found["tasks"])]
    if len(states) == 1 or set(states) != {"RUNNING"}:
        raise NotReadyError(f"connector {states[0]}, tasks {', '.join(states[1:]) or 'none'}")
    return f"connector {name} and its task RUNNING"
