"""A real PgBouncer in transaction mode before a server that listens on a unix socket."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.relais_process import eventually, free_port
from tests.stand_ins.debian import program


def over_tcp(address: str, port: int) -> str:
    parts = urlsplit(address)
    return parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}", query="").geturl()


def socket_directory(address: str) -> str:
    return parse_qs(urlsplit(address).query)["host"][0]


@contextlib.contextmanager
def pgbouncer(address: str) -> Iterator[str]:
    """A PgBouncer in transaction mode before the server: the address by way of it."""
    binary = program("pgbouncer", "pgbouncer")
    parts = urlsplit(address)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "users").write_text(f'"{user}" "{password}"\n')
        (directory / "ini").write_text(
            f"[databases]\n* = host={socket_directory(address)} port=5432\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = scram-sha-256\nauth_file = {directory}/users\npool_mode = transaction\n"
            "default_pool_size = 20\n"
        )
        command = [binary, "-q", str(directory / "ini")]
        if os.geteuid() == 0:
            # It refuses to run as root; whoever owns PostgreSQL's socket may reach it.
            owner = Path(socket_directory(address)).stat().st_uid
            for path in (directory, *directory.iterdir()):
                os.chown(path, owner, owner)
            process = subprocess.Popen(command, user=owner, group=owner, extra_groups=[])
        else:
            process = subprocess.Popen(command)
        try:
            by_pooler = over_tcp(address, port)
            eventually(lambda: process.poll() is None and _takes_connections(port), 10)
            yield by_pooler
        finally:
            process.terminate()
            process.wait(10)


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
