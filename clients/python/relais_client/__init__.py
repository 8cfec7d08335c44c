"""Relais protocol 1 from Python: an engine without I/O, an asyncio shell and a small command line.

``wire`` holds the structs of the protocol, ``engine`` the rules, ``client`` the shell.
"""

from relais_client.client import Client, Closed, RelaisError, RequestRefused
from relais_client.engine import (
    Answered,
    Disconnected,
    Engine,
    Happening,
    Lost,
    Received,
    Refused,
    Signalled,
    Welcomed,
)
from relais_client.identifiers import uuid7

__all__ = [
    "Answered",
    "Client",
    "Closed",
    "Disconnected",
    "Engine",
    "Happening",
    "Lost",
    "Received",
    "Refused",
    "RelaisError",
    "RequestRefused",
    "Signalled",
    "Welcomed",
    "uuid7",
]
