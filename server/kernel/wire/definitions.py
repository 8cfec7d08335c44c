"""The bases from which every room declares its commands, views and events.

The declarations are the only definition of the protocol beyond its frame: the decoder, the AsyncAPI reference and
the clients' types all come from them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, TypeAlias, dataclass_transform
from uuid import UUID

import msgspec

from server.kernel.wire.errors import Invalid, Refusal

NO_NUL = r"^[^\x00]*$"
"""PostgreSQL's text cannot hold NUL, and no keyboard makes one."""

Id: TypeAlias = UUID
Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its offset."""
Line: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00\r\n]*$(?!\n)")]
"""One line that is not empty: a name, a title."""
Page: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=50)]
"""How many of a list at once."""

Words: TypeAlias = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]
"""What somebody types into a search field."""
Cursor: TypeAlias = Annotated[str, msgspec.Meta(max_length=600, pattern=r"^[A-Za-z0-9_=.-]*$")]
"""Opaque: where the next page begins. It comes from the page before."""
Scope: TypeAlias = str
"""What an actor must hold to ask for a command. Opaque here: the rooms say which actor holds which."""

# The decorator tells the type checker what msgspec does: what inherits is frozen too, and made by keyword.


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request of protocol 1. Unknown fields are refused, so that a misspelt one never looks obeyed."""

    method: ClassVar[str]
    result: ClassVar[type]
    refuses: ClassVar[tuple[type[Refusal], ...]] = ()
    """What it may be refused with, beyond what every command may be: its reference says so."""
    ordered_by: ClassVar[str] = "conversation"
    """The field that names the conversation whose requests are carried out in the order sent, if there is one."""
    open_to: ClassVar[Scope] = "verified"
    """The scope that the actor must hold; the dispatcher refuses everybody else before the action runs."""
    over_http: ClassVar[bool] = False
    """Whether a program without a socket may ask for it too, as ``POST /api/<method>``."""


class InternalCommand(Command):
    """What only Relais itself asks for: a task, the command line, the demo. It is no part of the protocol."""

    open_to = "system"


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What clients see of a thing. Clients ignore fields they do not know; absent means empty or not set."""


class Done(View):
    """Carried out; there is nothing to show."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ``data`` of a lasting, numbered change in a stream; ``type`` is in the past tense."""

    type: ClassVar[str]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ``data`` of something momentary: not numbered, not stored, may be dropped under load."""

    type: ClassVar[str]


STREAM_KINDS = {"c": "conversation", "a": "agenda", "r": "referral", "i": "inbox"}


def stream_name(kind: str, owner: UUID) -> str:
    """The name of a stream on the wire: ``c:<uuid>``."""
    return f"{kind}:{owner}"


def stream_parts(name: str, path: str = "$.params.stream") -> tuple[str, UUID]:
    """The kind and the owner of a stream; ``Invalid`` when ``name`` names none."""
    kind, _, owner = name.partition(":")
    try:
        found = UUID(owner)
        # One spelling only: a stream under another name would be another stream, and an empty one.
        if kind in STREAM_KINDS and str(found) == owner:
            return kind, found
    except ValueError:
        pass
    raise Invalid(path, "A stream is named c:, a:, r: or i: and the id of its owner.")
