"""Parts are kept running, a little less eagerly each time they die, and none outlives the supervisor."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from server.ops import processes
from server.ops.processes import Program, StartError
from server.ops.supervisor import ManagedProcess, StoppedError, Supervisor
from tests.relais_process import ROOT, children, descendants, eventually, is_alive

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
STUBBORN = (sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)")
WITH_CHILD = ("sh", "-c", "sleep 600 & exec sleep 600")
SUPERVISED = """
from server.ops.processes import Program
from server.ops.supervisor import StoppedError, Supervisor, log
with Supervisor() as supervisor:
    try:
        for words in {programs!r}:
            supervisor.start(Program("part", words, grace=0.5))
        supervisor.run()
    except StoppedError as stopped:
        log(str(stopped))
"""


def supervise(*programs: tuple[str, ...]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISED.format(programs=programs)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    eventually(lambda: len(children(process.pid)) == len(programs))
    return process


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whatever_asks_it_to_end_ends_every_part_and_their_children(by: signal.Signals) -> None:
    supervisor = supervise(SLEEP, STUBBORN, WITH_CHILD)
    eventually(lambda: len(descendants(supervisor.pid)) == 4)
    family = descendants(supervisor.pid)
    supervisor.send_signal(by)
    _, said = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 0
    assert by.name in said
    eventually(lambda: not [pid for pid in family if is_alive(pid)])


def test_parts_are_told_by_the_kernel_when_the_supervisor_is_killed() -> None:
    supervisor = supervise(SLEEP, SLEEP)
    family = children(supervisor.pid)
    supervisor.kill()
    supervisor.communicate()
    eventually(lambda: not [pid for pid in family if is_alive(pid)])


def test_a_part_that_dies_is_started_again_with_what_it_had_started_gone() -> None:
    supervisor = supervise(WITH_CHILD)
    eventually(lambda: len(descendants(supervisor.pid)) == 2)
    part, child = descendants(supervisor.pid)
    os.kill(part, signal.SIGKILL)
    eventually(lambda: part not in children(supervisor.pid) and len(descendants(supervisor.pid)) == 2)
    eventually(lambda: not is_alive(child))
    supervisor.terminate()
    _, said = supervisor.communicate(timeout=20)
    assert said.count("part ended (SIGKILL); it starts again in 0.25 s.") == 1


def test_a_part_that_keeps_dying_is_started_less_and_less_often(capsys: pytest.CaptureFixture[str]) -> None:
    program = Program("part", ("false",))
    part = ManagedProcess(program, program.start())
    for _ in range(10):
        part.process.wait()
        part.restart_if_exited()
        assert part.again_at is not None
        part.again_at = time.monotonic()
        part.restart_if_exited()
    part.process.wait()
    delays = [line.split()[-2] for line in capsys.readouterr().err.splitlines()]
    assert delays == ["0.25", "0.5", "1", "2", "4", "8", "16", "30", "30", "30"]


def test_a_part_that_was_steady_is_started_again_soon(capsys: pytest.CaptureFixture[str]) -> None:
    program = Program("part", ("false",))
    part = ManagedProcess(program, program.start(), since=time.monotonic() - 3600, failures=9)
    part.process.wait()
    part.restart_if_exited()
    assert "it starts again in 0.25 s." in capsys.readouterr().err


def test_a_part_that_cannot_be_started_again_is_tried_again(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script = tmp_path / "part"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    program = Program("part", (str(script),))
    part = ManagedProcess(program, program.start())
    script.unlink()
    for _ in range(2):
        part.process.wait()
        part.restart_if_exited()
        part.again_at = time.monotonic()
        part.restart_if_exited()
    said = capsys.readouterr().err
    assert said.count("part does not start") == 2


def test_a_part_that_ends_instead_of_becoming_ready_is_an_error() -> None:
    with Supervisor() as supervisor, pytest.raises(StartError, match=r"part exited at once \(status 1\)"):
        supervisor.start(Program("part", ("false",), ready=lambda: False))


def test_a_part_that_never_becomes_ready_is_an_error() -> None:
    with Supervisor() as supervisor, pytest.raises(StartError, match="does not answer after 0 s"):
        supervisor.start(Program("part", SLEEP, ready=lambda: False), seconds=0.2)


def test_a_step_that_fails_is_an_error_and_one_that_succeeds_is_not() -> None:
    with Supervisor() as supervisor:
        supervisor.finish(Program("step", ("true",)))
        with pytest.raises(StartError, match=r"step failed \(status 1\)"):
            supervisor.finish(Program("step", ("false",)))


def test_it_can_be_asked_to_end_while_it_waits_for_a_step() -> None:
    with Supervisor() as supervisor:
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        with pytest.raises(StoppedError):
            supervisor.finish(Program("step", SLEEP))


def test_what_others_need_ends_after_them(tmp_path: Path) -> None:
    note = tmp_path / "order"
    script = "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit())\nprint('up', flush=True)\n"
    script += "try:\n    time.sleep(600)\nfinally:\n    time.sleep({pause}); open({note!r}, 'a').write({name!r})\n"

    def program(name: str, pause: float, *, needed: bool) -> Program:
        log = tmp_path / f"{name}.log"
        words = (sys.executable, "-c", script.format(pause=pause, note=str(note), name=name))
        return Program(name, words, needed=needed, log=log, ready=lambda: log.exists() and bool(log.read_text()))

    with Supervisor() as supervisor:
        supervisor.start(program("D", 0, needed=True))
        supervisor.start(program("W", 0.3, needed=False))
    assert note.read_text() == "WD"


def test_what_a_program_writes_is_put_aside_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LOG_BYTES", 10)
    output = tmp_path / "loud.log"
    program = Program("loud", ("cat",), log=output)
    with output.open("ab", buffering=0) as writer:
        writer.write(b"a" * 12)
        program.cap_log()
        writer.write(b"b")
        program.cap_log()
    assert output.read_bytes() == b"b"
    assert (tmp_path / "loud.log.1").read_bytes() == b"a" * 12
