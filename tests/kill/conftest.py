"""Two web processes that reach PostgreSQL and Redis over a network that a test can cut or make swallow."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.asgi_server import Newcomers, Web, database, web
from tests.relais_process import eventually
from tests.stand_ins.cuttable import Network

STATEMENT_SECONDS = 2
# What can only be made as root is collected for root only.
collect_ignore = [] if os.geteuid() == 0 else ["test_cut_link.py"]


@dataclass
class Deployment:
    """The networks, the processes, and people."""

    postgres: Network
    redis: Network
    environment: dict[str, str]
    webs: list[Web]
    someone: Newcomers


def over(network: Network, address: str) -> str:
    """The address of a server that listens on a unix socket, by way of a network."""
    parts = urlsplit(address)
    return parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{network.port}", query="").geturl()


def postgres_socket(address: str) -> str:
    [directory] = parse_qs(urlsplit(address).query)["host"]
    return f"{directory}/.s.PGSQL.5432"


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployment]:
    redis_socket = unquote(urlsplit(os.environ["REDIS_URL"]).path)
    with (
        database(os.environ["DATABASE_URL"]) as address,
        Network(postgres_socket(address)).serving() as postgres,
        Network(redis_socket).serving() as redis,
    ):
        environment = {
            "DATABASE_URL": over(postgres, address),
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            "RELAIS_STATEMENT_SECONDS": str(STATEMENT_SECONDS),
        }
        with web("uvicorn", environment) as first, web("daphne", environment) as second:
            yield Deployment(postgres, redis, environment, [first, second], Newcomers({"DATABASE_URL": address}))


def readiness(process: Web) -> int:
    """The status of `/health/ready`."""
    try:
        with urllib.request.urlopen(f"{process.url}/health/ready", timeout=8) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def is_ready(process: Web) -> bool:
    try:
        return readiness(process) == 200
    except OSError:
        return False


@pytest.fixture
def deployment(deployed: Deployment) -> Iterator[Deployment]:
    """The deployment, whole again for the next test."""
    yield deployed
    for network in (deployed.postgres, deployed.redis):
        network.recover()
    for process in deployed.webs:
        eventually(partial(is_ready, process), 60)
