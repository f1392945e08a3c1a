import json

import pytest

from chaos.backends.compose import Compose
from chaos.faults.base import Room
from chaos.faults.process import Crash, Freeze, Kill
from stack.errors import StackError


class Docker:
    """Remembers commands; `ps` answers from what they did."""

    def __init__(self, **states):
        self.states = {"kafka": "running", "mongo": "running", **states}
        self.commands = []

    def __call__(self, arguments):
        if arguments[0] == "ps":
            rows = ({"Service": name, "State": state, "Health": "healthy", "ID": name} for name, state in self.states.items())
            return "\n".join(map(json.dumps, rows))
        self.commands.append(" ".join(arguments))
        self.states[arguments[-1]] = {"pause": "paused", "kill": "exited", "stop": "exited"}.get(arguments[0], "running")
        return ""


@pytest.mark.parametrize(
    ("fault", "commands"),
    [
        (Kill("kafka"), ["kill --signal KILL kafka", "start kafka"]),
        (Freeze("kafka"), ["pause kafka", "unpause kafka"]),
        (Crash("kafka"), ["kill --signal KILL kafka", "start kafka"]),
    ],
)
def test_the_same_fault_by_docker(fault, commands):
    docker = Docker()
    room = Room(Compose(docker))
    fault.inject(room)
    fault.heal(room)
    fault.heal(room)
    assert docker.commands == commands
    assert room.backend.states() == {"kafka": "up", "mongo": "up"}


def test_without_containers_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(Compose, "states", lambda _: {})
    with pytest.raises(StackError) as error:
        Compose.here()
    assert "make up MODE=compose" in error.value.advice


def test_addresses_are_those_of_the_published_ports():
    env = Compose(Docker()).env
    assert env["API_PORT"] == "8000"
    assert "directConnection=true" in env["CDC_MONGO_URI"]
