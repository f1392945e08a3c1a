import json

import pytest

from stack.errors import StackError
from stack.settings import load, parse_env


def test_an_offset_shifts_every_port_alike(tmp_path):
    plain = load({"STACK_DIR": str(tmp_path)}).ports()
    shifted = load({"STACK_DIR": str(tmp_path), "STACK_PORT_OFFSET": "1000"}).ports()
    assert shifted == {name: port + 1000 for name, port in plain.items()}


def test_no_two_programs_share_a_port_even_with_most_workers(tmp_path):
    settings = load({"STACK_DIR": str(tmp_path)}).remember(workers=4)
    ports = list(settings.ports().values())
    assert len(set(ports)) == len(ports)


def test_the_ports_stay_below_those_that_the_kernel_hands_out(tmp_path):
    settings = load({"STACK_DIR": str(tmp_path), "STACK_PORT_OFFSET": "5000"})
    assert max(settings.ports().values()) < 32768


def test_a_directory_remembers_its_offset_and_workers(tmp_path):
    load({"STACK_DIR": str(tmp_path), "STACK_PORT_OFFSET": "700"}).remember(workers=3)
    again = load({"STACK_DIR": str(tmp_path)})
    assert (again.state.offset, again.state.workers) == (700, 3)
    assert load({"STACK_DIR": str(tmp_path), "STACK_PORT_OFFSET": "0"}).state.offset == 0, "what is given wins"


@pytest.mark.parametrize("offset", ["-1", "1e3", "65000", "x"])
def test_an_offset_that_cannot_be_is_refused(tmp_path, offset):
    with pytest.raises(StackError, match="STACK_PORT_OFFSET"):
        load({"STACK_DIR": str(tmp_path), "STACK_PORT_OFFSET": offset})


@pytest.mark.parametrize("text", ["{", json.dumps({"colour": 1})])
def test_a_broken_state_says_what_to_do(tmp_path, text):
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(StackError) as caught:
        load({"STACK_DIR": str(tmp_path)})
    assert "Delete the file" in caught.value.advice


def test_env_files_hold_comments_and_values_with_equals_signs():
    assert parse_env("# a=b\n\nURI=mongodb://h/?replicaSet=rs0\n X = y \n") == {"URI": "mongodb://h/?replicaSet=rs0", "X": "y"}
