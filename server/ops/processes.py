"""Processes that never outlive us: each in a group of its own, told to end by the kernel when we are gone."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1


class StartError(Exception):
    """A program could not be started; the message says which and where it says why."""


def _nothing() -> None:
    """What most programs need before they start."""


@dataclass(frozen=True)
class Program:
    """A program as it is to be run: in the foreground, as `uid` (None: as we are), ended by `end`."""

    name: str
    arguments: tuple[str, ...]
    end: signal.Signals = signal.SIGTERM
    directory: Path | None = None
    uid: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    """Where its output goes, instead of to ours."""
    descriptors: tuple[int, ...] = ()
    before: Callable[[], None] = _nothing
    """Run before each start, to clear away what a killed run left."""
    ready: Callable[[], bool] | None = None
    grace: float = 10.0
    """How many seconds it gets to end by itself. Killing it must lose nothing."""
    needed: bool = False
    """Whether others need it until they have ended."""

    def start(self) -> subprocess.Popen[bytes]:
        """The running process. When we die, however we die, it gets `end` from the kernel."""
        self.before()
        parent = os.getpid()
        prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

        def in_child() -> None:
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            if prctl is not None:
                prctl(PR_SET_PDEATHSIG, int(self.end))
                if os.getppid() != parent:  # we died in between
                    os._exit(1)

        with contextlib.ExitStack() as stack:
            output = None if self.log is None else stack.enter_context(self.log.open("ab"))
            return subprocess.Popen(
                self.arguments,
                cwd=self.directory,
                env={**os.environ, **self.environment},
                user=self.uid,
                group=self.uid,
                extra_groups=None if self.uid is None else [],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=self.descriptors,
                process_group=0,
                umask=0o077,
                preexec_fn=in_child,
            )

    def has_started(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers by now; raises when it has ended instead."""
        if self.ready is None or self.ready():
            return True
        if process.poll() is not None:
            why = f"see {self.log}" if self.log else "it says why above"
            raise StartError(f"{self.name} ended at once ({ended(process)}): {why}.")
        return False

    def tell_to_end(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            process.send_signal(self.end)

    def stop(self, process: subprocess.Popen[bytes], *, told: bool = False) -> None:
        """The process and its whole group are gone when this returns."""
        if not told:
            self.tell_to_end(process)
        if process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self.grace)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ended(process: subprocess.Popen[bytes]) -> str:
    """How a process ended, for people."""
    code = process.returncode
    return signal.Signals(-code).name if code < 0 else f"status {code}"


def terminate_orphans(directory: Path, by: signal.Signals, seconds: float = 30) -> None:
    """End what a killed run left working in `directory`, and wait until the last of it is gone.

    A server's processes have its directory as their working directory: unlike a pid in a file, that cannot
    name another program.
    """
    deadline = time.monotonic() + seconds
    told: set[int] = set()
    while left := _working_in(directory):
        for pid in left - told:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, by)
        told |= left
        if time.monotonic() > deadline:
            raise StartError(f"Processes {sorted(left)} still use {directory} and do not end.")
        time.sleep(0.05)


def _working_in(directory: Path) -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == directory:
                found.add(int(entry.name))
    return found
