"""ClamAV's daemon with one signature of our own: with the official ones it would take a minute and a GiB to start."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from team.files import antivirus
from tests.relais_process import eventually
from tests.stand_ins.debian import program

SIGNATURE = b"relais-tests-call-this-a-virus"
"""What this daemon finds in a file."""
STREAM_BYTES = 2_000_000
"""The longest file that it looks at here."""


class Clamd:
    """One daemon, which can be stopped and started again at the same address."""

    def __init__(self, directory: Path) -> None:
        self.address = f"unix://{directory}/clamd.ctl"
        signatures = directory / "signatures"
        signatures.mkdir()
        # Name, any kind of file, anywhere in it (ClamAV's manual, "Body-based Signature Content Format").
        (signatures / "relais.ndb").write_text(f"Relais.Test:0:*:{SIGNATURE.hex()}\n")
        self._configuration = directory / "clamd.conf"
        self._configuration.write_text(
            f"Foreground yes\nDatabaseDirectory {signatures}\nLocalSocket {directory}/clamd.ctl\n"
            f"TemporaryDirectory {directory}\nStreamMaxLength {STREAM_BYTES}\nMaxThreads 2\n"
        )
        self._log = directory / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it scans."""
        command = [program("clamd", "clamav-daemon"), f"--config-file={self._configuration}"]
        with self._log.open("ab") as log:
            self._process = process = subprocess.Popen(command, stdout=log, stderr=log)

        def scans() -> bool:
            assert process.poll() is None, self._log.read_text()
            try:
                return antivirus.infection(self.address, b"clean") is None
            except antivirus.ScannerAway:
                return False  # It still loads its signatures; should it have ended, the assertion above says why.

        eventually(scans, 60)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None


@contextlib.contextmanager
def clamd() -> Iterator[Clamd]:
    """A daemon that scans; ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="relais-clamd-") as directory:
        daemon = Clamd(Path(directory))
        daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()
