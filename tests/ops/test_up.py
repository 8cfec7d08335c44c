"""`relais up`: everything runs, comes back when it dies, and ends without leaving anything behind."""

import os
import signal
import socket
import threading
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from server.cli import main
from server.ops import web
from server.ops.up import answers
from tests import prepared
from tests.relais_process import Running, descendants, eventually, free_port, is_alive, relais, running

PARTS = ("postgres", "valkey-server", "web", "worker", "beat")


def a_socket(up: Running) -> ClientConnection:
    """An open socket of somebody of the demo world, which is there."""
    token = next(person["token"] for person in up.command("demo")["people"] if person["verified"])
    headers = {"Authorization": f"Bearer {token}"}
    return connect(f"ws://localhost:{up.port}/ws", subprotocols=[Subprotocol("relais.v1")], additional_headers=headers)


def close_code(of: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        of.recv(timeout=30)
    return closed.value.rcvd.code if closed.value.rcvd else None


@pytest.fixture(scope="module")
def up() -> Iterator[Running]:
    with running("--workers", "2", prepare=partial(prepared.copy, "demo")) as here:
        yield here


def test_every_part_runs_and_the_web_answers(up: Running) -> None:
    for name in PARTS:
        assert up.part(name)
    assert len(up.parts("web")) == 2
    assert up.get("/health/live") == (200, b"live\n")
    assert up.get("/health/ready")[0] == 200
    assert f"Relais is at {up.url}" in up.said()


@pytest.mark.kill
@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_killed_starts_again_and_one_line_says_so(up: Running, name: str) -> None:
    up.wait_ready()
    before = up.said().count("it starts again in")
    killed = up.kill(name)
    eventually(lambda: up.said().count("it starts again in") == before + 1)
    assert "ended (SIGKILL)" in [line for line in up.said().splitlines() if "it starts again in" in line][-1]
    eventually(lambda: [pid for pid in _alive(up, name) if pid != killed])
    up.wait_ready()
    assert not is_alive(killed)


def test_only_what_migrates_knows_the_owner_of_the_tables(up: Running) -> None:
    up.wait_ready()
    for name in ("web", "worker", "beat"):
        for pid in up.parts(name):
            variables = Path(f"/proc/{pid}/environ").read_text().split("\0")
            assert [word for word in variables if word.startswith("DATABASE_")], name
            assert [word for word in variables if "OWNER" in word or "relais_owner" in word] == [], name


@pytest.mark.kill
def test_while_no_web_process_is_left_whoever_comes_is_refused_and_does_not_wait(up: Running) -> None:
    up.wait_ready()
    for pid in up.parts("web"):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: _refuses(up))
    up.wait_ready()


@pytest.mark.kill
def test_while_one_web_process_stands_still_the_other_takes_whoever_comes(up: Running) -> None:
    up.wait_ready()
    stopped = up.part("web")
    os.kill(stopped, signal.SIGSTOP)
    try:
        eventually(lambda: _answers(up), 60)  # the other one may be starting
        for _ in range(30):
            assert up.get("/health/live") == (200, b"live\n")
    finally:
        os.kill(stopped, signal.SIGCONT)


def test_a_second_up_in_the_same_directory_is_refused(up: Running) -> None:
    refused = relais("up", "--port", str(free_port()), data=up.data)
    assert refused.returncode == 1
    assert f"in use by process {up.process.pid} (relais up)" in refused.stderr


def test_sub_commands_use_the_servers_that_run(up: Running) -> None:
    postmaster = up.part("postgres")
    assert isinstance(up.command("captured"), list)
    assert up.part("postgres") == postmaster


def test_a_port_that_is_taken_is_said_plainly(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("server.ops.up.SECONDS_FOR_THE_PORT", 0.3)
    with _bound(0) as taken:
        web.take_connections(taken.fileno())
        port = taken.getsockname()[1]
        assert main(["up", "--port", str(port), "--data", str(place / "other")]) == 1
    refused = capsys.readouterr().err
    assert f"Port {port} of 127.0.0.1 cannot be used" in refused
    assert "--port" in refused


def test_a_port_that_is_taken_while_it_starts_is_said_plainly() -> None:
    """Two sockets may be bound to one port until one of them takes connections."""
    port = free_port()
    with _bound(port) as first, _bound(port) as second:
        web.take_connections(first.fileno())
        with pytest.raises(SystemExit, match=f"Port {port} of 127.0.0.1 cannot be used .* --port"):
            web.take_connections(second.fileno())


def _bound(port: int) -> socket.socket:
    return socket.socket(fileno=web.bound("127.0.0.1", port))


class _Other(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def test_another_program_on_its_port_does_not_answer_in_its_place() -> None:
    with _bound(0) as ours, HTTPServer(ours.getsockname(), _Other) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        assert urllib.request.urlopen(f"http://127.0.0.1:{other.server_port}").status == 200
        assert not answers(ours)
        other.shutdown()
        thread.join()


@pytest.mark.kill
def test_ending_it_ends_every_process_it_started(place: Path) -> None:
    prepared.copy("demo", place / "data")
    here = Running(place / "data", free_port(), "--web", "uvicorn")
    here.wait_ready()
    family = descendants(here.process.pid)
    assert len(family) > len(PARTS)
    with a_socket(here) as opened:
        assert here.stop() == 0
        assert close_code(opened) == 1012
    assert not [pid for pid in family if is_alive(pid)]


@pytest.mark.kill
def test_daphne_too_tells_its_sockets_that_it_starts_again(up: Running) -> None:
    up.wait_ready()
    with a_socket(up) as opened:
        for pid in up.parts("web"):
            os.kill(pid, signal.SIGTERM)
        assert close_code(opened) == 1012


@pytest.mark.kill
def test_kill_9_of_it_leaves_nothing_running_and_it_starts_again_at_once(place: Path) -> None:
    """It makes everything in an empty directory first."""
    port = free_port()
    here = Running(place / "data", port)
    here.wait_ready()
    family = descendants(here.process.pid)
    here.process.kill()
    here.process.wait()
    again = Running(place / "data", port)
    again.wait_ready()
    assert not [pid for pid in family if is_alive(pid)]
    assert again.stop() == 0


@pytest.mark.kill
def test_it_can_be_ended_before_it_is_ready(place: Path) -> None:
    here = Running(place / "data", free_port())
    eventually(lambda: descendants(here.process.pid))
    family = descendants(here.process.pid)
    assert here.stop() == 0
    assert not [pid for pid in family if is_alive(pid)]


def _alive(up: Running, name: str) -> list[int]:
    try:
        return [pid for pid in up.parts(name) if is_alive(pid)]
    except AssertionError:
        return []


def _refuses(up: Running) -> bool:
    try:
        socket.create_connection(("127.0.0.1", up.port), 5).close()
    except ConnectionRefusedError:
        return True
    return False


def _answers(up: Running) -> bool:
    """Whether it answers; that nobody listens would be an error of its own."""
    try:
        return up.get("/health/live")[0] == 200
    except TimeoutError:
        return False
    except OSError as error:
        if isinstance(getattr(error, "reason", error), ConnectionRefusedError):
            pytest.fail("the port was closed")
        return False
