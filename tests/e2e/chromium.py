"""The Chromium that the browser tests drive: found, or installed from the distribution's packages when we may."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Debian packages Chromium. Ubuntu's package is a door to a snap, which a bare server cannot open: there it is
# Playwright, which drives the browser anyway, that brings one with the libraries it needs.
DEBIAN = ("apt-get", "install", "-y", "--no-install-recommends", "chromium")
OTHERS = (sys.executable, "-m", "playwright", "install", "--with-deps", "chromium")


class NoChromiumError(Exception):
    """There is no Chromium, and the message says the one command that brings it."""


@cache
def executable() -> str:
    """The path of a Chromium that starts. Tests without one fail: nothing is skipped."""
    found = _found()
    if found is None and os.geteuid() == 0 and "RELAIS_CHROMIUM" not in os.environ:
        _install()
        found = _found()
    if found is None:
        raise NoChromiumError(f"The browser tests need Chromium. Run: {_command()}")
    return found


def _found() -> str | None:
    chosen = os.environ.get("RELAIS_CHROMIUM")
    brought = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"), reverse=True)
    candidates = [chosen] if chosen else [*(shutil.which(name) for name in NAMES), *map(str, brought)]
    return next((path for path in candidates if path and _starts(path)), None)


def _starts(path: str) -> bool:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if _distribution() == "debian":
        subprocess.run(["apt-get", "update"], env=environment, stdout=subprocess.DEVNULL, check=False)
    subprocess.run(_way(), env=environment, stdout=subprocess.DEVNULL, check=False)


def _way() -> tuple[str, ...]:
    return DEBIAN if _distribution() == "debian" else OTHERS


def _command() -> str:
    if "RELAIS_CHROMIUM" in os.environ:
        return "unset RELAIS_CHROMIUM, which names none that starts"
    return " ".join(_way() if os.geteuid() == 0 else ("sudo", *_way()))


def _distribution() -> str:
    path = Path("/etc/os-release")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line[3:].strip('"') for line in lines if line.startswith("ID=")), "debian")
