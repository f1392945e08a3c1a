"""The cache: whole or absent, whatever interrupts it and whoever else fills it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from stack.components import catalogue, store
from stack.errors import CancelledError, StackError


def silent(_line: str) -> None:
    pass


def source(directory: Path, fill) -> catalogue._Source:
    return catalogue._Source("thing", directory, fill)


def write(whole: Path, text: str = "whole") -> None:
    (whole / "file").write_text(text)


def test_an_interrupted_unpack_leaves_nothing_that_counts_and_the_next_call_continues(tmp_path):
    target = store.home(tmp_path, "thing", "pin")

    def broken(downloads, whole, _progress):
        (downloads / "half").write_text("half")
        write(whole, "half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalogue._complete([source(target, broken)], tmp_path, silent)
    assert not target.exists()

    catalogue._complete([source(target, lambda _d, whole, _p: write(whole))], tmp_path, silent)
    assert (target / "file").read_text() == "whole"


def test_what_a_killed_process_left_is_removed(tmp_path):
    target = store.home(tmp_path, "thing", "pin")
    left = tmp_path / f"unpacking-{target.name}" / "whole"
    left.mkdir(parents=True)
    write(left, "half")
    catalogue._complete([source(target, lambda _d, whole, _p: write(whole))], tmp_path, silent)
    assert (target / "file").read_text() == "whole"
    assert {path.name for path in tmp_path.iterdir()} == {"lock", target.name}


def test_what_succeeds_is_kept_when_another_fails(tmp_path):
    good, bad = tmp_path / "good-1", tmp_path / "bad-1"

    def fail(_downloads, _whole, _progress):
        raise StackError("the registry is away")

    with pytest.raises(StackError, match="the registry is away"):
        catalogue._complete([source(bad, fail), source(good, lambda _d, whole, _p: write(whole))], tmp_path, silent)
    assert good.is_dir()
    assert not bad.exists()


def test_ctrl_c_stops_the_downloads_at_their_next_line(tmp_path, monkeypatch):
    stopped = []

    def endless(_downloads, _whole, progress):
        try:
            while True:
                progress("still going")
        except CancelledError:
            stopped.append(True)
            raise

    def interrupted(_futures):
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        catalogue._complete([source(tmp_path / "thing-1", endless)], tmp_path, silent)
    assert stopped == [True]


def test_another_pin_is_another_directory(tmp_path):
    assert store.home(tmp_path, "thing", "1.0") != store.home(tmp_path, "thing", "1.1")


FILLER = """
import sys
from pathlib import Path
from stack.components import catalogue
cache, name = Path(sys.argv[1]), sys.argv[2]

def fill(downloads, whole, progress):
    with (cache / "filled-by").open("a") as log:
        log.write(name + "\\n")
    (whole / "file").write_text("x" * 1_000_000)

catalogue._complete([catalogue._Source("thing", cache / "thing-1", fill)], cache, print)
"""


def test_two_processes_at_once_fill_it_once(tmp_path):
    running = [subprocess.Popen([sys.executable, "-c", FILLER, str(tmp_path), name], stdout=subprocess.DEVNULL) for name in ("a", "b")]
    assert [process.wait(timeout=30) for process in running] == [0, 0]
    assert len((tmp_path / "filled-by").read_text().split()) == 1
    assert (tmp_path / "thing-1" / "file").stat().st_size == 1_000_000


def test_a_lock_that_is_held_too_long_is_named(tmp_path):
    said: list[str] = []
    with (
        store.locked(tmp_path / "lock", silent),
        pytest.raises(StackError, match=r"another process has held .*lock for 0 s"),
        store.locked(tmp_path / "lock", said.append, timeout=0.0),
    ):
        pytest.fail("got a lock that is held")
    assert store.locked(tmp_path / "lock", silent)


def test_everybody_can_read_and_run_what_a_strict_umask_unpacked(tmp_path):
    target = tmp_path / "thing-1"
    before = os.umask(0o077)
    try:
        with store.unpacking(target) as (_, whole):
            (whole / "lib" / "bin").mkdir(parents=True)
            (whole / "lib" / "bin" / "server").write_text("")
            (whole / "lib" / "data").write_text("")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in target.rglob("*")}
    assert modes == {"lib": 0o755, "bin": 0o755, "server": 0o755, "data": 0o644}
    assert stat.S_IMODE(target.stat().st_mode) == 0o755


def test_roots_cache_must_be_open_to_the_user_that_runs_postgres(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o700)
    with pytest.raises(StackError, match="closed to other users") as raised:
        store.check_readable(tmp_path / "closed" / "cache", uid=0)
    assert "chmod o+x" in raised.value.advice
    store.check_readable(tmp_path / "closed" / "cache", uid=1000)


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match="cannot be written") as raised, store.locked(tmp_path / "file" / "lock", silent):
        pytest.fail("locked a file below a file")
    assert "CDC_CACHE=" in raised.value.advice


@pytest.mark.parametrize(
    ("environment", "uid", "expected"),
    [
        ({"CDC_CACHE": "/x/y"}, 0, "/x/y"),
        ({}, 0, "/var/cache/pg-mongo-cdc"),
        ({"XDG_CACHE_HOME": "/home/a/.c"}, 1000, "/home/a/.c/pg-mongo-cdc"),
        ({}, 1000, str(Path.home() / ".cache/pg-mongo-cdc")),
    ],
)
def test_where_the_cache_lies(environment, uid, expected):
    assert store.cache_directory(environment, uid) == Path(expected)
