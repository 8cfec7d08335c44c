"""Commands and views of agendas as they are set up: reasons, openings, absences, and who may do what in them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.organisations.wire import AgendaLevel
from server.kernel.wire import NO_NUL, Command, Cursor, Id, Instant, Line, NewId, View

Note: TypeAlias = Annotated[str, msgspec.Meta(max_length=4_000, pattern=NO_NUL, extra={"typed": "note"})]
Clock: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A wall-clock time of the site: ``09:20``."""
Minutes: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=24 * 60)]
Buffer: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=4 * 60)]
Reasons: TypeAlias = Annotated[list["ReasonForm"], msgspec.Meta(min_length=1, max_length=100)]
Openings: TypeAlias = Annotated[list["OpeningForm"], msgspec.Meta(max_length=400)]


class ReasonView(View):
    """Why a patient comes, and how long it takes."""

    id: Id
    name: str
    minutes: int
    instructions: str | None = None


class AgendaView(View):
    """An agenda at a place. ``level`` is what the caller may do with it, absent when they may only book as
    a referrer.
    """

    id: Id
    practitioner: Id
    practitioner_name: str
    name: str
    time_zone: str
    abilities: list[str]
    place: str | None = None
    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    level: AgendaLevel | None = None
    organisation: Id | None = None
    """Whose it is, for those who may read it."""


class AgendaWithReasons(AgendaView):
    reasons: list[ReasonView] = msgspec.field(default_factory=list)


class Agendas(View):
    """As many agendas as make one answer, at most 50; with a ``cursor`` there are more."""

    agendas: list[AgendaWithReasons]
    cursor: str | None = None


class ListAgendas(Command[Agendas]):
    """The agendas on which the caller has a level of access: their own first."""

    method = "agenda.list"

    cursor: Cursor | None = None


class GetReasons(Command[Agendas]):
    """What can be booked with a practitioner (the id of a directory hit or of a person), or in one agenda.

    Two agendas of one practitioner differ by ``name``, ``place`` or address.
    """

    method = "agenda.reasons"

    practitioner: Id | None = None
    agenda: Id | None = None
    cursor: Cursor | None = None


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A visit reason as whoever manages the agenda writes it; the buffers stay free of other visits."""

    id: NewId
    name: Line
    minutes: Minutes
    before: Buffer = 0
    after: Buffer = 0
    instructions: Note | None = None
    for_referrers: bool = True


class OpeningForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an agenda is open, by the site's clocks: on a ``weekday`` (Monday is 0) or on one ``day``.

    A weekly opening holds from ``since`` until just before ``until``; with ``every`` = 2 the week of
    ``since`` is open and the next is not. ``closes`` at or before ``opens`` is a time of the next day.
    """

    opens: Clock
    closes: Clock
    weekday: Annotated[int, msgspec.Meta(ge=0, le=6)] | None = None
    since: date | None = None
    until: date | None = None
    every: Annotated[int, msgspec.Meta(ge=1, le=52)] = 1
    day: date | None = None


class AgendaResult(View):
    agenda: AgendaWithReasons


class CreateAgenda(Command[AgendaResult]):
    """Opens an agenda of the caller at a site of their organisation.

    A step and a visit take five minutes at least. ``too_large`` names what there may not be more of: 50 open agendas of
    one practitioner, 24 openings of one weekday or day that are not over, 96 hours of them together, 20,000 characters
    of instructions.
    """

    method = "agenda.create"

    id: NewId
    site: Id
    name: Line
    reasons: Reasons
    openings: Openings
    step: Minutes | None = None
    """From one slot to the next: five minutes at least. Without it, a visit's own duration."""
    notice: Annotated[int, msgspec.Meta(ge=0, le=60 * 24 * 90)] = 0
    horizon: Annotated[int, msgspec.Meta(ge=1, le=730)] = 180


class UpdateAgenda(Command[AgendaResult]):
    """Changes what is given and leaves the rest. Lists take the place of what was there.

    A visit reason that is left out can no longer be booked; what is booked stays. The bounds are those of
    ``agenda.create``.
    """

    method = "agenda.update"

    agenda: Id
    name: Line | None = None
    reasons: Reasons | None = None
    openings: Openings | None = None
    step: Minutes | None = None
    notice: Annotated[int, msgspec.Meta(ge=0, le=60 * 24 * 90)] | None = None
    horizon: Annotated[int, msgspec.Meta(ge=1, le=730)] | None = None


class AddAbsence(Command[AgendaResult]):
    """Closes an agenda for whole days (``until`` excluded) or between two instants. What is booked stays.

    An agenda has 400 absences at most that are not over; one more is refused with ``too_large``.
    """

    method = "absence.add"

    id: NewId
    agenda: Id
    first: date | None = None
    until: date | None = None
    start: Instant | None = None
    end: Instant | None = None


class RemoveAbsence(Command[AgendaResult]):
    """Opens again what an absence closed; removing it again changes nothing."""

    method = "absence.remove"

    agenda: Id
    absence: Id


class GrantAccess(Command[AgendaResult]):
    """Gives a colleague a level on an agenda, or takes it away with ``none``. 200 people have one at most; one more is
    refused with ``too_large``.
    """

    method = "agenda.grant"
    sensitive = True

    agenda: Id
    person: Id
    level: AgendaLevel | Literal["none"]


class AgendaExport(View):
    """A part of the copy: lines of a table, one appointment each. The next parts come with the ``cursor`` and follow as
    they are; the first has the heading. Cells that a spreadsheet would take for a formula begin with an apostrophe."""

    text: Annotated[str, msgspec.Meta(pattern=NO_NUL)]
    appointments: int
    cursor: str | None = None


class ExportAgenda(Command[AgendaExport]):
    """The appointments of an agenda from one day of the site to another, ``to`` excluded, at most 366 days, as a table
    (CSV) to keep elsewhere: when, whose, for what, and what became of it. Neither messages nor why a visit was
    cancelled are in it. For those who may read the agenda, and whom its organisation lets take data out (the ability
    ``export``)."""

    method = "agenda.export"
    sensitive = True
    ordered_by = "agenda"

    agenda: Id
    from_: date = msgspec.field(name="from")
    to: date
    cursor: Cursor | None = None
