"""Checks of programs and libraries that the machine has to bring."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Collection

from stack.components.java import find_java, version_of
from stack.doctor.finding import MISSING, OK, Finding
from stack.errors import StackError

OLDEST_PYTHON = (3, 11)
OLDEST_GLIBC = (2, 34)
LIBRARIES = {"libcurl.so.4": ("libcurl4t64", "libcurl4"), "libssl.so.3": ("libssl3t64", "libssl3"), "liblzma.so.5": ("liblzma5",)}
"""What MongoDB is linked with, and the packages that hold it, newest distribution first."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

Which = Callable[[str], "str | None"]


def tools(lacking: Collection[str], which: Which = shutil.which) -> list[Finding]:
    """Every tool of local mode. `lacking` names the components that would have to be downloaded; their tools are needed only then."""
    found = [
        platform_kind(platform.system(), platform.machine(), glibc()),
        python(sys.version_info[:3]),
        venv(),
        program("make", which),
        java(),
    ]
    if "kafka" in lacking:
        found.append(program("mvn", which, ("maven",), "fetches Kafka and Debezium"))
    if "prometheus" in lacking:
        found.append(packages_tool(which))
    found += [library(name, packages) for name, packages in LIBRARIES.items()]
    return found


def for_tests(which: Which = shutil.which) -> list[Finding]:
    """What only the tests need: a browser for the board's page."""
    path = next(filter(None, map(which, BROWSERS)), None)
    if path:
        return [Finding("Chromium", OK, path)]
    return [Finding("Chromium", MISSING, "not on PATH; the tests open the board in it", ("chromium",))]


def compose(which: Which = shutil.which) -> list[Finding]:
    """The tools of MODE=compose, which runs everything in containers."""
    return [program("make", which), program("docker", which, ("docker.io",), "starts the containers")]


def platform_kind(system: str, machine: str, libc: tuple[int, ...]) -> Finding:
    """The pinned binaries are for Linux on x86_64 with glibc 2.34 or newer (Debian 12, Ubuntu 22.04)."""
    detail = f"{system} {machine}, glibc {'.'.join(map(str, libc)) or 'none'}"
    if system == "Linux" and machine == "x86_64" and libc >= OLDEST_GLIBC:
        return Finding("platform", OK, detail)
    wanted = "local mode runs on Linux x86_64 with glibc 2.34 or newer (Debian 12, Ubuntu 22.04)"
    return Finding("platform", MISSING, f"{detail}; {wanted}", advice="Use containers instead: make up MODE=compose")


def glibc() -> tuple[int, ...]:
    """The C library's version, empty where it is another one."""
    try:
        name, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
    except (ValueError, OSError):
        return ()
    return tuple(int(part) for part in version.split(".")) if name == "glibc" else ()


def python(version: tuple[int, ...]) -> Finding:
    """The Python that runs this."""
    text = ".".join(map(str, version))
    if version >= OLDEST_PYTHON:
        return Finding("Python", OK, text)
    return Finding("Python", MISSING, f"{text}; 3.11 or newer is needed", ("python3.13", "python3.12", "python3.11"))


def venv(has_module: Callable[[str], object] = importlib.util.find_spec) -> Finding:
    """Debian ships the virtual environments of its Python apart."""
    if has_module("ensurepip") and has_module("venv"):
        return Finding("Python venv", OK, "there")
    own = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    return Finding("Python venv", MISSING, "this Python cannot make virtual environments", (own, "python3-venv"))


def program(name: str, which: Which, packages: tuple[str, ...] = (), purpose: str = "") -> Finding:
    """Whether a program is on PATH."""
    path = which(name)
    if path:
        return Finding(name, OK, path)
    return Finding(name, MISSING, f"not on PATH{f'; it {purpose}' if purpose else ''}", packages or (name,))


def packages_tool(which: Which) -> Finding:
    """Prometheus comes from the distribution's packages, or is on PATH."""
    if which("apt-get") and which("dpkg"):
        return Finding("prometheus", OK, "comes from the distribution's packages")
    return Finding(
        "prometheus",
        MISSING,
        "neither on PATH nor to be had by apt-get",
        advice="Install Prometheus and Alertmanager so that prometheus, promtool and alertmanager are on PATH",
    )


def java(find: Callable[[], object] = find_java) -> Finding:
    """Java 17 or newer, of JAVA_HOME or PATH."""
    try:
        path = find()
    except StackError as error:
        return Finding("Java", MISSING, error.reason, ("openjdk-21-jre-headless", "openjdk-17-jre-headless"))
    return Finding("Java", OK, f"{path} ({version_of(path)})")


def library(name: str, packages: tuple[str, ...], load: Callable[[str], object] = ctypes.CDLL) -> Finding:
    """Whether the dynamic linker finds a shared library."""
    try:
        load(name)
    except OSError:
        return Finding(name, MISSING, "not installed; MongoDB is linked with it", packages)
    return Finding(name, OK, "there")
