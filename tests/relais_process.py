"""A whole `relais up` of its own, in a directory that is removed afterwards: for what kills things."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# What the test session has set for its own servers must not reach another Relais.
FOREIGN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PROMETHEUS_MULTIPROC_DIR", "DJANGO_SETTINGS_MODULE")


def environment(**changes: str) -> dict[str, str]:
    """The environment of a shell in which nobody has set anything for Relais."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELAIS_") and name not in FOREIGN}
    return {**kept, **changes}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as `condition` holds; fail when it still does not after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.05)


def relais(*words: str, data: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """One sub-command to its end."""
    command = [sys.executable, "-m", "server.cli", *words, "--data", str(data)]
    return subprocess.run(
        command, cwd=ROOT, env=environment(**changes), capture_output=True, text=True, timeout=180, check=False
    )


class Running:
    """A `relais up` that was started."""

    def __init__(self, data: Path, port: int, *options: str, **changes: str) -> None:
        self.data = data
        self.port = port
        self.url = f"http://localhost:{port}"
        self.log = data.with_name(f"{data.name}.log")
        command = [sys.executable, "-m", "server.cli", "up", "--data", str(data), "--port", str(port), *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment(**changes), stdout=log, stderr=log)

    def said(self) -> str:
        return self.log.read_text()

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """The status and body of one GET."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def is_ready(self) -> bool:
        """Whether it serves people, and every part works."""
        try:
            found = json.loads(self.get("/health/ready")[1])
        except (OSError, ValueError):
            return False
        return all(found[part] for part in ("ready", "database", "redis", "worker"))

    def wait_ready(self, seconds: float = 300) -> None:
        def ready_or_ended() -> bool:
            assert self.process.poll() is None, self.said()
            return self.is_ready()

        eventually(ready_or_ended, seconds)

    def command(self, *words: str) -> Any:
        """What a sub-command prints as JSON."""
        done = relais(*words, "--json", data=self.data)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def part(self, name: str) -> int:
        """The process id of PostgreSQL (`postgres`), Redis (`valkey-server`), `web`, `worker` or `beat`."""
        return self.parts(name)[0]

    def parts(self, name: str) -> list[int]:
        """Those that run. Between the end of one and its new beginning there may be none for a moment."""

        def running() -> list[int]:
            return [pid for pid in children(self.process.pid) if name in _words(pid) and is_alive(pid)]

        eventually(running)
        return running()

    def kill(self, name: str) -> int:
        """kill -9 of one part; its former process id."""
        pid = self.part(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    @contextlib.contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """Every process of a part is there and does nothing, for as long as the block lasts."""
        pids = self.parts(name)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def stop(self, by: signal.Signals = signal.SIGINT, seconds: float = 60) -> int:
        """The exit status after `by`."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(seconds)


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    found = children(pid)
    return found + [deeper for child in found for deeper in descendants(child)]


def is_alive(pid: int) -> bool:
    """Whether it runs: one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _words(pid: int) -> set[str]:
    """The words of a process's command line, and the last part of those that are paths or modules."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").split()
    except OSError:
        return set()
    return {word.rpartition("/")[2].rpartition(".")[2] for word in words}


@contextlib.contextmanager
def running(*options: str, prepare: Callable[[Path], None] | None = None) -> Iterator[Running]:
    """A Relais, ready to be used; nothing of it is left afterwards.

    It makes its data directory itself, unless ``prepare`` does so at the path it is called with.
    """
    directory = Path(tempfile.mkdtemp(prefix="relais-up-"))
    try:
        if prepare is not None:
            prepare(directory / "data")
        here = Running(directory / "data", free_port(), *options)
        try:
            here.wait_ready()
            yield here
        finally:
            here.stop()
    finally:
        remove(directory)


def remove(directory: Path) -> None:
    """Remove test data, and what root's PostgreSQL kept outside of it."""
    for link in directory.rglob("servers"):
        run = link / "run"
        shutil.rmtree(run.resolve(), ignore_errors=True)
        shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)
