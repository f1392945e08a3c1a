"""The virtual environment: made once, from the lock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack import bootstrap
from stack.errors import StackError
from stack.settings import ROOT

LOCKED = """\
a==1 \\
    --hash=sha256:aa
uv==2 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via -r x
uvloop==3 \\
    --hash=sha256:dd
"""


def test_the_pin_of_one_project_is_cut_out_of_the_lock():
    assert bootstrap.requirement(LOCKED, "uv") == "uv==2 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
    with pytest.raises(StackError, match="pip is not pinned"):
        bootstrap.requirement(LOCKED, "pip")


def test_the_committed_lock_pins_uv_with_hashes():
    assert "--hash=sha256:" in bootstrap.requirement((ROOT / bootstrap.LOCK).read_text(), "uv")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout whose environment is this Python itself, and whose packages install at once or not at all."""
    root = tmp_path / "checkout"
    root.mkdir()
    (root / bootstrap.LOCK).write_text(LOCKED)
    state = {"fails": False, "installs": 0}

    def install(*_arguments):
        state["installs"] += 1
        if state["fails"]:
            raise StackError("no network")

    def make(command, *_arguments, **_options):
        python = Path(command[-1]) / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.unlink(missing_ok=True)
        python.symlink_to(sys.executable)

    monkeypatch.setattr(bootstrap, "_install", install)
    monkeypatch.setattr(bootstrap, "run", make)
    return root, state


def test_interrupted_it_continues_and_finished_it_does_nothing(checkout, tmp_path):
    root, state = checkout
    state["fails"] = True
    with pytest.raises(StackError, match="no network"):
        bootstrap.bootstrap(root, tmp_path, print)
    state["fails"] = False
    said: list[str] = []
    assert bootstrap.bootstrap(root, tmp_path, said.append)
    assert not any("making" in line for line in said), "the environment was made a second time"
    assert not bootstrap.bootstrap(root, tmp_path, print)
    assert state["installs"] == 2

    (root / bootstrap.LOCK).write_text(LOCKED + "# changed\n")
    assert bootstrap.bootstrap(root, tmp_path, print)


def test_an_environment_whose_python_is_gone_is_made_anew(checkout, tmp_path):
    root, _ = checkout
    bootstrap.bootstrap(root, tmp_path, print)
    python = root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert bootstrap.bootstrap(root, tmp_path, print)
    assert bootstrap.works(python)


def test_the_shell_takes_the_stamp(checkout, tmp_path):
    """setup.sh ends before it starts Python when the stamp fits."""
    root, _ = checkout
    bootstrap.bootstrap(root, tmp_path, print)
    check = ["sha256sum", "--status", "--check", ".venv/made-from.sha256"]
    assert subprocess.run(check, cwd=root, timeout=10, check=False).returncode == 0
    (root / bootstrap.LOCK).write_text("other")
    assert subprocess.run(check, cwd=root, timeout=10, check=False).returncode == 1


def test_without_any_python_the_shell_says_what_to_install(tmp_path):
    for name in ("dirname", "id"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(
        ["/bin/sh", ROOT / "stack" / "setup.sh", "doctor"], env=environment, capture_output=True, text=True, timeout=10, check=False
    )
    assert done.returncode == 1
    assert "apt-get install python3.11 python3.11-venv" in done.stderr
