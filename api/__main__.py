"""`python -m api`: serves the API until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import sys

import uvicorn
from pydantic import ValidationError

from api import logs
from api.main import create_app
from api.settings import Settings

# Requests in flight get so long to finish; the stack waits longer than that before it kills.
GRACEFUL_S = 10


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        for found in error.errors():
            print(f"API_{str(found['loc'][0]).upper()}: {found['msg']}", file=sys.stderr)  # noqa: T201
        sys.exit("Set them in the environment or in .env (see .env.example), or start with: python -m stack exec -- python -m api")


def main() -> None:
    """Parse, configure, serve."""
    parser = argparse.ArgumentParser(prog="python -m api", description="Serves the HTTP API. Settings: environment variables API_*.")
    parser.parse_args()
    settings = _settings()
    logs.configure(as_json=settings.log_json)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,  # uvicorn's records go through ours
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_S,
    )


main()
