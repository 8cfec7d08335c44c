"""Two web processes on one database, Daphne and uvicorn: every rule is proved at each, with the other beside it."""

import os
from collections.abc import Iterator

import pytest

from tests.asgi_server import PASSWORD, Newcomers, Someone, Web, database, people, web

KINDS = ("daphne", "uvicorn")


@pytest.fixture(scope="session")
def deployment() -> Iterator[dict[str, str]]:
    """The environment of this deployment's processes."""
    with database(os.environ["DATABASE_URL"]) as address:
        yield {"DATABASE_URL": address}


@pytest.fixture(scope="session")
def processes(deployment: dict[str, str]) -> Iterator[dict[str, Web]]:
    with web("daphne", deployment) as daphne, web("uvicorn", deployment) as uvicorn:
        yield {"daphne": daphne, "uvicorn": uvicorn}


@pytest.fixture(params=KINDS)
def here(request: pytest.FixtureRequest, processes: dict[str, Web]) -> Web:
    """The web process that is looked at."""
    return processes[request.param]


@pytest.fixture
def elsewhere(here: Web, processes: dict[str, Web]) -> Web:
    """The other web process of the deployment."""
    return next(process for process in processes.values() if process is not here)


@pytest.fixture(scope="session")
def someone(deployment: dict[str, str]) -> Newcomers:
    """Makes known one more verified person whom no other test uses."""
    return Newcomers(deployment)


@pytest.fixture(scope="session")
def unverified(deployment: dict[str, str]) -> Someone:
    return people(1, deployment, "--unverified", "--password", PASSWORD)[0]
