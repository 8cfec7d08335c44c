"""The processes that share an import end with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from identity.directory.crew import crew
from identity.directory.extract import Unreadable

SCRIPT = """
import os, time
from identity.directory.crew import crew

def main():
    with crew(False, list) as share:
        for worker in share(pid, [0, 0, 0, 0]):
            print(worker, flush=True)
        time.sleep(60)

def pid(_):
    time.sleep(0.2)
    return os.getpid()

if __name__ == "__main__":
    main()
"""


factor = 0


def begin(by: int) -> None:
    global factor
    factor = by


def multiplied(number: int) -> int:
    return factor * number


def refuse(number: int) -> int:
    raise Unreadable("empty", "There is nothing.")


@pytest.mark.parametrize("alone", [True, False])
def test_each_process_begins_before_it_works_and_results_come_in_order(alone: bool) -> None:
    with crew(alone, begin, 2) as share:
        assert list(share(multiplied, range(20))) == [2 * number for number in range(20)]


@pytest.mark.parametrize("alone", [True, False])
def test_a_refusal_comes_through_with_its_reason(alone: bool) -> None:
    with pytest.raises(Unreadable) as refusal, crew(alone, begin, 2) as share:
        list(share(refuse, [1]))
    assert (refusal.value.reason, str(refusal.value)) == ("empty", "There is nothing.")


def test_a_killed_import_leaves_no_process(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    workers = {int(parent.stdout.readline() or 0) for _ in range(4)}
    assert workers
    assert all(alive(pid) for pid in workers)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 15
    while any(alive(pid) for pid in workers):
        assert time.monotonic() < deadline, "a process of the crew is still there"
        time.sleep(0.1)


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
