import os
from pathlib import Path

import pytest

from stack import layout as layouts


def test_the_socket_lies_in_the_stack_where_its_path_fits(tmp_path):
    short = Path("/tmp/s")
    assert layouts.layout(short).socket == short / "run" / "supervisor.sock"


def test_the_socket_of_a_long_checkout_lies_elsewhere_and_is_the_stacks_own():
    deep, deeper = Path("/srv") / ("d" * 120), Path("/srv") / ("d" * 121)
    sockets = [layouts.layout(path).socket for path in (deep, deeper)]
    assert all(len(os.fsencode(socket)) < 100 for socket in sockets)
    assert len(set(sockets)) == 2


def test_an_ordinary_users_postgres_lies_in_the_stack(tmp_path):
    assert layouts.postgres_home(tmp_path, None) == tmp_path / "data" / "postgres"


def test_another_accounts_postgres_lies_where_it_can_be_reached(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = layouts.postgres_home(closed / ".stack", "nobody")
    assert tmp_path not in home.parents
    assert home != layouts.postgres_home(closed / "other", "nobody")


def test_where_postgres_was_put_is_remembered(tmp_path):
    (tmp_path / "postgres").symlink_to("/somewhere/else")
    assert layouts.postgres_home(tmp_path, "nobody") == Path("/somewhere/else")


def test_a_socket_directory_of_somebody_else_is_refused(tmp_path, monkeypatch):
    paths = layouts.Layout(tmp_path, tmp_path / "run", tmp_path / "data" / "postgres")
    monkeypatch.setattr(os, "geteuid", lambda: 4321)
    with pytest.raises(PermissionError, match="another user"):
        layouts.create(paths)
