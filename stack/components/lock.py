"""`python -m stack.components.lock`: pins anew what stack.env and wheels.txt name, by downloading it once without a check."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from stack.components import jars, peers, wheels
from stack.errors import StackError
from stack.settings import ROOT, parse_env


def _say(line: str) -> None:
    print(line, flush=True)


def pinned(line: str, directory: Path) -> str:
    """A requirement line with the hash of the file that its version has now; other lines as they are."""
    if "==" not in line or line.startswith("#"):
        return line
    requirement = line.split(maxsplit=1)[0]
    file = wheels.download(requirement, directory, _say, hashed=False)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.unlink()
    return f"{requirement} --hash=sha256:{digest}"


def sums(found: Mapping[str, str]) -> str:
    """Checksums as sha256sum prints them."""
    return "".join(f"{digest}  {path}\n" for path, digest in found.items())


def main() -> int:
    """The command's exit code."""
    scratch = Path(tempfile.mkdtemp(prefix="pg-mongo-cdc-lock-"))
    try:
        lines = [pinned(line, scratch) for line in wheels.PINS.read_text().splitlines()]
        jars.fetch(parse_env((ROOT / "stack" / "stack.env").read_text()), scratch / "maven", scratch / "jars", _say)
        peers.fetch(scratch / "maven", scratch / "peers", _say)
        wheels.PINS.write_text("\n".join(lines) + "\n")
        jars.CHECKSUMS.write_text(sums(jars.checksums(scratch / "jars")))
        peers.CHECKSUMS.write_text(sums(jars.checksums(scratch / "peers", peers.FOLDERS)))
    except StackError as error:
        print(f"{error.reason}\n{error.advice}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch)
    _say("pinned; `git diff stack/components` shows what changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
