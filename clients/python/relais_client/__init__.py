"""Relais protocol 1 from Python: an engine without I/O, an asyncio shell and a small command line.

``wire`` holds the structs of the protocol, ``engine`` the rules, ``client`` the shell.
"""

from relais_client.client import Client, Closed, RelaisError, RequestRefused
from relais_client.engine import Engine
from relais_client.events import (
    Answered,
    Described,
    Disconnected,
    Event,
    Lost,
    PersonChanged,
    Refused,
    Reset,
    Signalled,
    StreamEvent,
    Welcomed,
)
from relais_client.identifiers import uuid7

__all__ = [
    "Answered",
    "Client",
    "Closed",
    "Described",
    "Disconnected",
    "Engine",
    "Event",
    "Lost",
    "PersonChanged",
    "Refused",
    "RelaisError",
    "RequestRefused",
    "Reset",
    "Signalled",
    "StreamEvent",
    "Welcomed",
    "uuid7",
]
