"""Who asks, whatever the transport: how they prove it, what actor they are, and what actors may ask for.

A transport reads a ``Credential``, gives it to the ``Authenticate`` of the deployment and translates a ``Refused``
into its own terms: a close code, an HTTP status. From there on there are only actors. Scopes and the reasons of a
refusal are opaque strings here: the rooms declare them, and say which actor holds which scope.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from server.kernel.identifiers import text
from server.kernel.wire import InternalCommand, Scope
from server.kernel.wire.errors import Forbidden


class Actor(ABC):
    """Who asks. Exactly one of ``Person``, ``PatientLink``, ``Machine`` and ``System``: which one is told by the
    type, and never by something that is missing."""

    __slots__ = ()

    scopes: frozenset[Scope]

    @property
    def person(self) -> UUID:
        """The id of the person who asks; raises ``Forbidden`` for every other kind of actor.

        What belongs to a person is looked up by this, so that no other actor ever reaches it by default.
        """
        raise Forbidden("Only a person may do this.")

    @property
    def session(self) -> UUID | None:
        """The session by which the actor signed in, if there is one."""
        return None

    @property
    def organisation(self) -> UUID | None:
        """The organisation that the actor acts for, checked in the transaction; None: for none."""
        return None

    @property
    def on_behalf_of(self) -> UUID | None:
        """The person for whom the actor acts as a delegate; None: for themselves."""
        return None

    @property
    def name(self) -> str:
        """The actor as colleagues read it; empty for what is nobody."""
        return ""

    @property
    @abstractmethod
    def label(self) -> str:
        """The actor in the audit: an opaque id, never a name of somebody."""


@dataclass(frozen=True, slots=True)
class Person(Actor):
    """Somebody with an account. Without a session it is this process that lets them act: the demo, a password
    that is being set."""

    id: UUID
    session: UUID | None = None
    scopes: frozenset[Scope] = frozenset()
    organisation: UUID | None = None
    on_behalf_of: UUID | None = None
    name: str = ""

    @property
    def person(self) -> UUID:
        return self.id

    @property
    def label(self) -> str:
        return text(self.id)


@dataclass(frozen=True, slots=True)
class PatientLink(Actor):
    """Whoever holds the link that one patient was sent."""

    link: UUID
    scopes: frozenset[Scope] = frozenset()

    @property
    def label(self) -> str:
        return f"link:{self.link}"


@dataclass(frozen=True, slots=True)
class Machine(Actor):
    """A program of an organisation, without a person behind it."""

    id: UUID
    organisation: UUID | None = None
    scopes: frozenset[Scope] = frozenset()

    @property
    def label(self) -> str:
        return f"machine:{self.id}"


@dataclass(frozen=True, slots=True)
class System(Actor):
    """Relais itself: a task, the command line."""

    scopes: frozenset[Scope] = frozenset({InternalCommand.open_to})

    @property
    def label(self) -> str:
        return "relais"


SYSTEM = System()


@dataclass(frozen=True, slots=True)
class Cookie:
    """The value of a browser's session cookie."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """The token of an ``Authorization: Bearer`` header."""

    key: str = field(repr=False)


Credential: TypeAlias = Cookie | Bearer


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a credential makes nobody an actor. ``known``: it is somebody's, and they may not come in (403); otherwise
    signing in again is the way (401). ``lost``: the device is to destroy what it keeps."""

    reason: str
    message: str
    known: bool = False
    lost: bool = False


class Authenticate(Protocol):
    """The actor that a credential stands for, or why there is none; None is no credential at all."""

    def __call__(self, credential: Credential | None) -> Actor | Refused: ...


class AuthenticateAll(Protocol):
    """The same for many credentials, in their order: sockets that open at one moment are asked about together."""

    def __call__(self, credentials: Sequence[Credential | None]) -> Sequence[Actor | Refused]: ...


FOREIGN_ORIGIN = Refused("foreign_origin", "This page may not speak for its visitor: it is not ours.", known=True)


def read_credential(authorization: str | None, cookies: Mapping[str, str]) -> Credential | None:
    """The credential that a request shows. A bearer token goes before a cookie: a program shows it on purpose, and a
    browser adds its cookie by itself."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return Bearer(token.strip())
    cookie = cookies.get(settings.SESSION_COOKIE_NAME)
    return Cookie(cookie) if cookie else None


def is_own_origin(origin: str | None) -> bool:
    """Whether a request may have come from a page of ours.

    Another site's page has its visitor's cookie, and never their consent. Every browser names the origin of a socket
    and of an unsafe request; what names none is a program, and has nobody's cookie but its own.
    """
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return f"{parts.scheme}://{parts.netloc}" in settings.RELAIS_ORIGINS
