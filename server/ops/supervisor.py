"""Every part of one Relais in the foreground: started in order, started again when it dies, ended with us."""

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
    """Somebody asked us to end: Ctrl-C, SIGTERM, a closed terminal."""


def log(text: str) -> None:
    print(f"relais: {text}", file=sys.stderr, flush=True)


@dataclass
class ManagedProcess:
    """A program that is to be running, and how it has fared."""

    program: Program
    process: subprocess.Popen[bytes]
    since: float = field(default_factory=time.monotonic)
    failures: int = 0
    again_at: float | None = None

    def restart_if_exited(self) -> None:
        """Start the program again when it has ended, each time a little later if it keeps ending."""
        now = time.monotonic()
        if self.again_at is None:
            if self.process.poll() is None:
                return
            self.program.stop(self.process)  # what it may have started
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
    """Keeps programs running. Leaving its `with` ends every one of them, the last started first.

    It has one thread, and blocks the signals it waits for, so that nothing is missed between two looks.
    """

    def __init__(self) -> None:
        self.parts: list[ManagedProcess] = []

    def __enter__(self) -> Self:
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for part in self.parts:
            if not part.program.needed:
                part.program.tell_to_end(part.process)
        while self.parts:
            part = self.parts.pop()
            part.program.stop(part.process, told=not part.program.needed)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def start(self, program: Program, seconds: float = 120) -> None:
        """Start `program` and keep it running from now on; it answers when this returns."""
        part = ManagedProcess(program, program.start())
        self.parts.append(part)
        deadline = time.monotonic() + seconds
        while not program.has_started(part.process):
            self._wait(0.05)
            if time.monotonic() > deadline:
                raise StartError(f"{program.name} does not answer after {seconds:.0f} s.")

    def finish(self, program: Program) -> None:
        """Run `program` to its end while the others keep running; raises when it fails."""
        process = program.start()
        try:
            while process.poll() is None:
                self._wait(1.0)
                self._revive()
        finally:
            program.stop(process)
        if process.returncode:
            raise StartError(f"{program.name} failed ({ended(process)}): it says why above.")

    def run(self) -> NoReturn:
        """Keep every part running until `StoppedError`."""
        while True:
            due = [part.again_at for part in self.parts if part.again_at is not None]
            self._wait(max(0.0, min(due) - time.monotonic()) if due else 10.0)
            self._revive()

    def _wait(self, seconds: float) -> None:
        """Return when a process has ended, or `seconds` have passed."""
        received = signal.sigtimedwait(WATCHED, seconds)
        if received is not None and received.si_signo in ENDING:
            raise StoppedError(signal.Signals(received.si_signo).name)

    def _revive(self) -> None:
        for part in self.parts:
            part.restart_if_exited()
