"""A stack as a command sees it: settings, paths, environment, services and its supervisor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial

from stack import layout as layouts
from stack import passwords, probes, settings
from stack.environment import process_env, write_dotenv
from stack.errors import StackError
from stack.layout import Layout
from stack.passwords import Passwords
from stack.services import Service, services
from stack.settings import Settings
from stack.supervision import Supervisor


@dataclass(frozen=True)
class Stack:
    """One stack; nothing has to run."""

    settings: Settings
    paths: Layout
    passwords: Passwords

    @cached_property
    def env(self) -> dict[str, str]:
        """The variables of every process."""
        return process_env(self.settings, self.passwords)

    @cached_property
    def supervisor(self) -> Supervisor:
        """Its supervisord."""
        return Supervisor(self.paths)

    def services(self) -> list[Service]:
        """Everything that serves."""
        return services(self.settings, self.env)

    def service(self, name: str) -> Service:
        """The service of this name. Raises KeyError."""
        return {service.name: service for service in self.services()}[name]

    def maintenance(self) -> Service:
        """Postgres before the application's database is there."""
        dsn = self.env["VERIFY_POSTGRES_DSN"].rpartition("/")[0] + "/postgres"
        return replace(self.service("postgres"), probe=partial(probes.postgres, dsn))

    def require_running(self) -> None:
        """Raises StackError unless supervisord answers."""
        if not self.supervisor.answers():
            raise StackError(f"no stack runs in {self.paths.directory}", advice="Start it with: make up")


def existing() -> Stack:
    """The stack that the environment names, as it was started. Raises StackError when nothing was ever started there."""
    found = settings.load()
    if not (found.directory / "secrets.json").exists():
        raise StackError(f"there is no stack in {found.directory}", advice="Start it with: make up")
    return Stack(found, layouts.layout(found.directory), passwords.load_or_create(found.directory))


def prepared(found: Settings) -> Stack:
    """The stack with these settings: its directories, passwords and .stack/env exist."""
    paths = layouts.layout(found.directory)
    layouts.create(paths)
    stack = Stack(found, paths, passwords.load_or_create(found.directory))
    write_dotenv(paths, stack.env)
    return stack
