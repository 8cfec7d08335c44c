"""The settings as the type checker's Django plugin reads them: nothing is connected to."""

import os

from tests.services_plugin import ENVIRONMENT

os.environ.update(ENVIRONMENT | {"DATABASE_URL": "postgresql:///relais", "REDIS_URL": "redis://localhost"})

from server.settings import *  # noqa: F403
