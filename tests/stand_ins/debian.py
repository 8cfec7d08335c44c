"""Programs from the distribution's packages: found, or installed when we may. None is skipped for want of one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

PATHS = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


class MissingProgramError(Exception):
    """It is not there; the message says the one command that brings it."""


def program(name: str, package: str) -> str:
    """The path of a program, which ``package`` brings."""
    return _brought(package, lambda: shutil.which(name, path=PATHS))


def library(name: str, package: str) -> str:
    """The path of a shared library, which ``package`` brings."""
    return _brought(package, lambda: next((str(path) for path in sorted(Path("/usr/lib").rglob(name))), None))


def _brought(package: str, find: Callable[[], str | None]) -> str:
    found = find()
    if found is None and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ("apt-get", "install", "-y", "--no-install-recommends", package)
        for command in (("apt-get", "update"), install):
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        found = find()
    if found is None:
        raise MissingProgramError(f"These tests need {package}. Run: sudo apt-get install -y {package}")
    return found
