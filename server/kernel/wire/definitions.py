"""The bases from which every room declares its commands, views and events.

The declarations are the only definition of the protocol beyond its frame: the decoder, the AsyncAPI reference and
the clients' types all come from them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, TypeAlias, TypeVar, dataclass_transform, get_args, get_origin
from uuid import UUID

import msgspec

from server.kernel.identifiers import text
from server.kernel.wire.errors import Invalid, Refusal

R = TypeVar("R")

NO_NUL = r"^[^\x00]*$"
"""PostgreSQL's text cannot hold NUL, and no keyboard makes one."""

NEW_ID = msgspec.Meta(description="Chosen by the client: a UUID of version 7, of about now.")
Id: TypeAlias = UUID
NewId: TypeAlias = Annotated[UUID, NEW_ID]
"""The id of what a request creates, chosen by the client: sent again with it, the request has one effect."""
Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its offset, of 14 hours at most. In a command it arrives in UTC (``tidying``)."""
Line: TypeAlias = Annotated[
    str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00\r\n]*$(?!\n)", extra={"typed": "line"})
]
"""One line in which there is something to read: a name, a title. It arrives tidied (``text.line``)."""
Page: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=50)]
"""How many of a list at once."""

Words: TypeAlias = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL, extra={"typed": "words"})]
"""What somebody types into a search field. It arrives tidied; empty when there is nothing to read in it."""
Cursor: TypeAlias = Annotated[str, msgspec.Meta(max_length=600, pattern=r"^[A-Za-z0-9_=.-]*$")]
"""Opaque: where the next page begins. It comes from the page before."""
Scope: TypeAlias = str
"""What an actor must hold to ask for a command. Opaque here: the rooms say which actor holds which."""
CONFIRMED: Scope = "confirmed"
"""Held by whoever has just proved again who they are, beside the other scopes of theirs."""

# The decorator tells the type checker what msgspec does: what inherits is frozen too, and made by keyword.


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Command(msgspec.Struct, Generic[R], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request of protocol 1 that is answered with an ``R``. Unknown fields are refused, so that a misspelt one never
    looks obeyed."""

    method: ClassVar[str]
    result: ClassVar[type[Any]]
    """``R``, from the base ``Command[R]``."""
    refuses: ClassVar[tuple[type[Refusal], ...]] = ()
    """What it may be refused with, beyond what every command may be. The protocol reference lists it."""
    ordered_by: ClassVar[str] = "conversation"
    """The field that names the conversation whose requests are carried out in the order sent, if there is one."""
    open_to: ClassVar[Scope] = "verified"
    """The scope that the actor must hold; the dispatcher refuses everybody else before the action runs."""
    sensitive: ClassVar[bool] = False
    """Whether the actor must also have proved within the last minutes that it is them (the scope ``CONFIRMED``)."""
    added: ClassVar[tuple[str, ...]] = ()
    """Fields that came later. Left out, they are no part of the request's digest: what was first sent to an older
    server is the same request when it is sent again."""
    over_http: ClassVar[bool] = False
    """Whether a program without a socket may ask for it too, as ``POST /api/<method>``."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for base in cls.__dict__.get("__orig_bases__", ()):
            if isinstance(get_origin(base), type) and issubclass(get_origin(base), Command):
                [result] = get_args(base)
                if not isinstance(result, TypeVar):
                    cls.result = result


class InternalCommand(Command[R]):
    """What only Relais itself asks for: a task, the command line, the demo. It is no part of the protocol."""

    open_to = "system"


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What clients see of a thing. Clients ignore fields they do not know; absent means empty or not set."""


class Done(View):
    """Carried out; there is nothing to show."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class MaskedEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ``data`` of an event for whoever may only know that something happened, and when.

    Its fields are fields of the event that names it as ``masked``, and none of them says who or what: no id, no text.
    """


Masked: TypeAlias = type[MaskedEvent]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ``data`` of a lasting, numbered change in a stream; ``type`` is in the past tense.

    It is the same for everybody who may read the stream, and so it holds no abilities of anybody.
    """

    type: ClassVar[str]
    stream: ClassVar[str]
    """The kind of stream in which it stands: the letter before the colon."""
    masked: ClassVar[Masked | None] = None
    """What those get who may read the stream only masked; None where nobody reads masked."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ``data`` of something momentary: not numbered, not stored, may be dropped under load."""

    type: ClassVar[str]


def stream_name(kind: str, owner: UUID) -> str:
    """The name of a stream on the wire: ``c:<uuid>``."""
    return f"{kind}:{text(owner)}"


def stream_parts(name: str, path: str = "$.params.stream") -> tuple[str, UUID]:
    """The kind and the owner of a stream; ``Invalid`` when ``name`` names none."""
    kind, _, owner = name.partition(":")
    try:
        found = UUID(owner)
        # One spelling only: a stream under another name would be another stream, and an empty one.
        if kind and str(found) == owner:
            return kind, found
    except ValueError:
        pass
    raise Invalid(path, "A stream is named by its kind, a colon and the id of its owner.")
