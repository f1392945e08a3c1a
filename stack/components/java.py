"""The machine's Java."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from stack.errors import StackError

OLDEST = 17
ADVICE = "apt-get install openjdk-17-jre-headless, or set JAVA_HOME to a Java 17 or newer"


def major(text: str) -> int:
    """The version in `openjdk version "17.0.15"` or `JAVA_VERSION="17.0.15"`; 8 for "1.8.0"; 0 if there is none."""
    found = re.search(r'"(?:1\.)?(\d+)', text)
    return int(found[1]) if found else 0


def find_java() -> Path:
    """The java of JAVA_HOME or of PATH. Raises StackError if there is none or it is older than Java 17."""
    home = os.environ.get("JAVA_HOME")
    named = Path(home, "bin", "java") if home else None
    found = str(named) if named and named.is_file() else shutil.which("java")
    if found is None:
        raise StackError("Java is missing; Kafka runs on it", advice=ADVICE)
    java = Path(found)
    version = major(_version(java))
    if version < OLDEST:
        raise StackError(f"{java} is Java {version or 'of an unknown version'}; Kafka needs {OLDEST} or newer", advice=ADVICE)
    return java


def version_of(java: object) -> str:
    """The full version, such as 17.0.15, or an empty text."""
    found = re.search(r'"([^"]+)"', _version(Path(str(java))))
    return found[1] if found else ""


def _version(java: Path) -> str:
    release = java.resolve().parent.parent / "release"  # a tenth of the time that starting a JVM takes
    if release.is_file():
        line = next((line for line in release.read_text().splitlines() if line.startswith("JAVA_VERSION=")), "")
        if line:
            return line
    done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False)
    return done.stderr
