"""MongoDB's disk is full: its data moves to a small file system in memory, and ballast takes what is left of that."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from chaos.backends import Local
from chaos.faults.base import Room, SkippedError
from stack.errors import StackError

_ROOM_MB = 220  # beside the data: MongoDB takes 100 MB for each file of its journal
_LEFT = 1024 * 1024
_BALLAST = "chaos-ballast"


def _mount(*arguments: str) -> str:
    done = subprocess.run(("mount", *arguments), capture_output=True, text=True, timeout=20, check=False)
    return done.stderr.strip() if done.returncode else ""


def _unmount(path: Path) -> None:
    subprocess.run(("umount", str(path)), capture_output=True, timeout=20, check=True)


class FullDisk:
    """Local mode only, as root where mounting is allowed."""

    def describe(self) -> str:
        """See Fault."""
        return "fill the file system that holds MongoDB's data"

    def _data(self, room: Room) -> Path:
        if not isinstance(room.backend, Local):
            raise SkippedError("a full disk is made in local mode only")
        if room.backend.stack.settings.state.mongo_nodes > 1:
            raise SkippedError("a full disk is made with one MongoDB only")
        return room.backend.stack.paths.data / "mongo"

    def inject(self, room: Room) -> None:
        """See Fault. MongoDB moves while it is down; only then the disk fills."""
        data = self._data(room)
        small = data.with_name("mongo-small")
        used = sum(path.stat().st_blocks * 512 for path in data.rglob("*") if path.is_file())
        small.mkdir(exist_ok=True)
        if os.geteuid() != 0 or (why := _mount("-t", "tmpfs", "-o", f"size={used // 2**20 + _ROOM_MB}m", "cdc-chaos", str(small))):
            small.rmdir()
            raise SkippedError(f"a small file system cannot be mounted here ({'not root' if os.geteuid() else why})")
        room.backend.stop("mongo")
        shutil.copytree(data, small, dirs_exist_ok=True)
        if why := _mount("--bind", str(small), str(data)):
            raise StackError(f"cannot put the small file system in place: {why}", advice="make chaos-heal")
        room.backend.start("mongo")
        self._fill(data)

    def _fill(self, data: Path) -> None:
        with (data / _BALLAST).open("wb") as file, contextlib.suppress(OSError):
            while shutil.disk_usage(data).free > _LEFT:
                file.write(bytes(_LEFT))
                file.flush()

    def effect(self, room: Room) -> str:
        """See Fault. What is freed meanwhile is taken again."""
        data = self._data(room)
        if not data.is_mount():
            return ""
        self._fill(data)
        return f"{shutil.disk_usage(data).free / 2**20:.1f} MB are free for MongoDB"

    def heal(self, room: Room) -> None:
        """See Fault. MongoDB stops, its data moves back, it starts: what a larger disk costs."""
        if not isinstance(room.backend, Local):
            return
        data = self._data(room)
        small = data.with_name("mongo-small")
        if not small.is_mount():
            return
        (small / _BALLAST).unlink(missing_ok=True)
        room.backend.stop("mongo")
        if data.is_mount():
            _unmount(data)
            for path in data.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            shutil.copytree(small, data, dirs_exist_ok=True)
        _unmount(small)
        small.rmdir()
        room.backend.start("mongo")
