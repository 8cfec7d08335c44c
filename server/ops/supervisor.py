"""Runs every process of one Relais in the foreground: starts them in order, restarts those that die, stops them all."""

import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import NoReturn, Self

from server.ops.processes import Program, StartError, ended

SHORTEST_DELAY = 0.25
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
WATCHED = ENDING | {signal.SIGCHLD}


class StoppedError(Exception):
    """A stop was requested: Ctrl-C, SIGTERM or a closed terminal."""


def log(text: str) -> None:
    print(f"relais: {text}", file=sys.stderr, flush=True)


@dataclass
class ManagedProcess:
    """A program that must keep running, and its recent failures."""

    program: Program
    process: subprocess.Popen[bytes]
    since: float = field(default_factory=time.monotonic)
    failures: int = 0
    again_at: float | None = None

    def restart_if_exited(self) -> None:
        """Restart the program if it has exited, with a growing delay while it keeps exiting."""
        now = time.monotonic()
        if self.again_at is None:
            if self.process.poll() is None:
                return
            self.program.stop(self.process)  # and the children it may have left
            self.program.after()
            self.failures = 0 if now - self.since > STEADY_SECONDS else self.failures + 1
            delay = min(LONGEST_DELAY, SHORTEST_DELAY * 2 ** max(0, self.failures - 1))
            log(f"{self.program.name} ended ({ended(self.process)}); it starts again in {delay:g} s.")
            self.again_at = now + delay
        elif now >= self.again_at:
            self.again_at, self.since = None, now
            try:
                self.process = self.program.start()
            except (StartError, OSError) as error:
                log(f"{self.program.name} does not start: {error}")


class Supervisor:
    """Keeps programs running. Leaving its `with` block stops them all, in reverse order of their start.

    Single-threaded. It blocks the signals it waits for, so that none is missed between two waits.
    """

    def __init__(self) -> None:
        self.processes: list[ManagedProcess] = []

    def __enter__(self) -> Self:
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for managed in self.processes:
            if not managed.program.needed:
                managed.program.request_stop(managed.process)
        while self.processes:
            managed = self.processes.pop()
            managed.program.stop(managed.process, requested=not managed.program.needed)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def start(self, program: Program, seconds: float = 120) -> None:
        """Start `program` and keep it running; returns once it answers."""
        managed = ManagedProcess(program, program.start())
        self.processes.append(managed)
        deadline = time.monotonic() + seconds
        while not program.has_started(managed.process):
            self._wait(0.05)
            if time.monotonic() > deadline:
                raise StartError(f"{program.name} does not answer after {seconds:.0f} s.")

    def finish(self, program: Program) -> None:
        """Run `program` until it exits while the others keep running; raises when it fails."""
        process = program.start()
        try:
            while process.poll() is None:
                self._wait(1.0)
                self._restart_exited()
        finally:
            program.stop(process)
        if process.returncode:
            raise StartError(f"{program.name} failed ({ended(process)}): its output above says why.")

    def run(self) -> NoReturn:
        """Keep every process running until `StoppedError`."""
        while True:
            due = [managed.again_at for managed in self.processes if managed.again_at is not None]
            self._wait(max(0.0, min(due) - time.monotonic()) if due else 10.0)
            self._restart_exited()
            for managed in self.processes:
                managed.program.cap_log()

    def _wait(self, seconds: float) -> None:
        """Return when a process has exited, or after `seconds`."""
        received = signal.sigtimedwait(WATCHED, seconds)
        if received is not None and received.si_signo in ENDING:
            raise StoppedError(signal.Signals(received.si_signo).name)

    def _restart_exited(self) -> None:
        for managed in self.processes:
            managed.restart_if_exited()
