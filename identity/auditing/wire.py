"""Searching the audit, and taking a copy of it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from identity.organisations.refusals import Withheld
from server.kernel.wire import NO_NUL, Command, Cursor, Id, Instant, Page, View

Act: TypeAlias = Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[a-z_.]*$")]
"""A code as ``patient.read``, or the beginning of several, as ``appointment.``."""
Text: TypeAlias = Annotated[str, msgspec.Meta(pattern=NO_NUL)]


class AuditEntryView(View):
    """Who did what to which thing, when, and from which device. What is done by Relais itself has no ``person``.

    ``subject`` and ``about`` are ids; ``names`` of the answer says those of people, organisations and agendas, and
    ``patients`` of patients. ``refused``: it was asked for, and not carried out. ``details`` are codes.
    """

    at: Instant
    act: str
    subject: str
    person: Id | None = None
    on_behalf_of: Id | None = None
    organisation: Id | None = None
    device: str | None = None
    about: list[str] = msgspec.field(default_factory=list)
    details: dict[str, str] = msgspec.field(default_factory=dict)
    refused: bool = False


class ChainCheck(View):
    """That whoever runs Relais had every link of the audit looked at (``relais audit verify``): when, how many there
    were, and whether all were as they had been written."""

    at: Instant
    links: int
    sound: bool


class AuditEntries(View):
    """A page of entries, the newest first. ``cursor`` when there may be more: a page may be shorter than asked for."""

    entries: list[AuditEntryView]
    names: dict[str, str]
    patients: dict[str, str] = msgspec.field(default_factory=dict)
    """By id the patients whom entries are about: name and family name of those whose record is open to the caller, and
    initials of all others. A copy has ids alone."""
    checked: ChainCheck | None = None
    """When the whole audit was last looked at for changes, on the first page; none when it never was."""
    cursor: str | None = None


class SearchAudit(Command[AuditEntries]):
    """The entries of an organisation, to its owners and administrators; to moderators, of all when none is named.
    Whom an owner keeps from the dashboard is refused with ``withheld``.

    An entry is an organisation's when whoever did it acted for it, or when it concerns the organisation itself. By
    ``person`` (who did it, or for whom), ``patient`` or any other id it is about, ``act``, and time: without ``after``
    the last 31 days, and never more than 366 at once.
    """

    method = "audit.search"
    refuses = (Withheld,)
    ordered_by = "organisation"

    organisation: Id | None = None
    person: Id | None = None
    patient: Id | None = None
    act: Act = ""
    after: Instant | None = None
    before: Instant | None = None
    limit: Page = 50
    cursor: Cursor | None = None


class AuditExport(View):
    """A part of the copy: lines of a table, or of JSON, one entry each. The next parts come with the ``cursor``, and
    follow as they are; the first has the heading of a table. Cells that a spreadsheet would take for a formula begin
    with an apostrophe."""

    text: Text
    entries: int
    cursor: str | None = None


class ExportAudit(Command[AuditExport]):
    """The same entries as text to keep elsewhere, 1,000 in one part. The copy is an entry of the audit itself. Whom an
    owner keeps from the dashboard takes one where they let them export."""

    method = "audit.export"
    sensitive = True
    refuses = (Withheld,)
    ordered_by = "organisation"

    format: Literal["csv", "json"]
    organisation: Id | None = None
    person: Id | None = None
    patient: Id | None = None
    act: Act = ""
    after: Instant | None = None
    before: Instant | None = None
    cursor: Cursor | None = None
