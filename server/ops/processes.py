"""Child processes that never outlive us: each in its own group, and signalled by the kernel when we die."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_BYTES = 16 * 1024 * 1024


class StartError(Exception):
    """A program could not be started; the message says which and where it says why."""


def _nothing() -> None:
    """Most programs need no preparation."""


@dataclass(frozen=True)
class Program:
    """How to run a program: in the foreground, as `uid` (None: our own), stopped by the signal `end`."""

    name: str
    arguments: tuple[str, ...]
    end: signal.Signals = signal.SIGTERM
    directory: Path | None = None
    uid: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    """Where its output goes; None: to our own."""
    descriptors: tuple[int, ...] = ()
    before: Callable[[], None] = _nothing
    """Called before each start, to clean up after a killed run."""
    after: Callable[[], None] = _nothing
    """Called when it has ended although nobody asked it to."""
    ready: Callable[[], bool] | None = None
    grace: float = 10.0
    """Seconds to wait for it to exit before it is killed. Killing it must lose nothing."""
    needed: bool = False
    """Whether the other processes need it until they have exited."""

    def start(self) -> subprocess.Popen[bytes]:
        """The running process. If we die in any way, the kernel sends it `end`."""
        self.before()
        parent = os.getpid()
        prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

        def in_child() -> None:
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            if prctl is not None:
                prctl(PR_SET_PDEATHSIG, int(self.end))
                if os.getppid() != parent:  # our process died before prctl
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

    def cap_log(self) -> None:
        """Puts what the program has written aside once it is ``LOG_BYTES``, in place of what was put aside before."""
        if self.log is None or not self.log.exists() or self.log.stat().st_size < LOG_BYTES:
            return
        # The program goes on with the file that it has open; it appends, and so begins anew.
        shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
        os.truncate(self.log, 0)

    def has_started(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers; raises if it has exited instead."""
        if self.ready is None or self.ready():
            return True
        if process.poll() is not None:
            why = f"see {self.log}" if self.log else "its output above says why"
            raise StartError(f"{self.name} exited at once ({ended(process)}): {why}.")
        return False

    def request_stop(self, process: subprocess.Popen[bytes]) -> None:
        """Send the stop signal, without waiting."""
        if process.poll() is None:
            process.send_signal(self.end)

    def stop(self, process: subprocess.Popen[bytes], *, requested: bool = False) -> None:
        """Stop the process; it and its whole group are gone when this returns."""
        if not requested:
            self.request_stop(process)
        if process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self.grace)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ended(process: subprocess.Popen[bytes]) -> str:
    """How a process exited, in words."""
    code = process.returncode
    return signal.Signals(-code).name if code < 0 else f"status {code}"


def terminate_orphans(directory: Path, by: signal.Signals, seconds: float = 30) -> None:
    """Stop the processes that a killed run left working in `directory`, and wait for the last to exit.

    A server's processes have its directory as their working directory. Unlike a pid in a file, that cannot name an
    unrelated program.
    """
    deadline = time.monotonic() + seconds
    signalled: set[int] = set()
    while left := _working_in(directory):
        for pid in left - signalled:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, by)
        signalled |= left
        if time.monotonic() > deadline:
            raise StartError(f"Processes {sorted(left)} still use {directory} and do not exit.")
        time.sleep(0.05)


def _working_in(directory: Path) -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == directory:
                found.add(int(entry.name))
    return found
