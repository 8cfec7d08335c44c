"""Entries of the audit for those who may see them: an organisation's for who looks after it, all for moderators.

They are read from the chained text itself, by the index over it. One link holds the entries of one transaction, of
several people perhaps: what was asked for is decided entry by entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec
from django.db import connection

from identity.accounts.access import verified
from identity.accounts.models import Person
from identity.auditing.wire import AuditEntries, AuditEntryView, AuditExport, ChainCheck, ExportAudit, SearchAudit
from identity.organisations import access, standing
from identity.organisations.models import Organisation, Resource
from identity.organisations.refusals import Withheld
from identity.patients import access as patients_access
from identity.patients.models import Patient
from identity.patients.queries import patient_views
from identity.patients.wire import PatientView
from identity.sessions.models import Session
from server.kernel import paging, spreadsheets
from server.kernel.audit import CHECKED
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire.errors import Forbidden, Invalid

RECENT, LONGEST = timedelta(days=31), timedelta(days=366)
LINKS, EXPORTED, ALL = 500, 1000, 2**31
"""Links that one page looks at, and entries of one part of a copy, at most; and every entry of a link."""
NAMED = ("person", "act", "subject", "session", "on_behalf_of", "organisation", "about")
"""What an entry holds beside its details."""
OF_MODERATORS = "verification."
"""Acts on verifications, which are no organisation's."""
COLUMNS = ("at", "person", "name", "on_behalf_of", "act", "subject", "about", "organisation", "device", "details")
_Place: TypeAlias = tuple[datetime, UUID, int, int]
"""Where a page ended: the moment of a link, its chain and number, and how many of its entries were shown."""


class _Found(NamedTuple):
    place: _Place
    entry: dict[str, Any]


def search_audit(actor: Actor, command: SearchAudit, tx: Transaction) -> AuditEntries:
    """A page of entries, with the names of those they are about. Ten statements at most.

    Whose record is open to the caller is named, and has been read then, as anywhere.
    """
    _require(actor, command.organisation, "audit")
    found, further = _entries(command, command.limit, tx.now)
    views = _views(found)
    shown = paging.fitting(views)
    more = further is not None or len(shown) < len(views)
    last = (found[len(shown) - 1].place if len(shown) < len(views) else further) if more else None
    named, initials = _patients(actor, shown)
    if named:
        tx.audit(actor, "patient.read", about=list(named), by="audit")
    return AuditEntries(
        entries=shown,
        names=_names(shown),
        patients=initials | named,
        checked=_last_check() if command.cursor is None else None,
        cursor=paging.encode(last, "audit") if last else None,
    )


def export_audit(actor: Actor, command: ExportAudit, tx: Transaction) -> AuditExport:
    """A part of the copy; the audit says who took it, and of what."""
    _require(actor, command.organisation, "export_audit")
    found, further = _entries(command, EXPORTED, tx.now)
    views = paging.fitting(_views(found), paging.PAGE_BYTES // 2)
    last = found[len(views) - 1].place if len(views) < len(found) else further
    names = _names(views)
    heading = COLUMNS if command.cursor is None else None
    rows = (_row(view, names) for view in views)
    text = spreadsheets.table(heading, rows) if command.format == "csv" else _lines(views, names)
    subject = command.organisation or ""
    named = [command.person, command.patient]
    tx.audit(actor, "audit.exported", subject, named, format=command.format, entries=str(len(views)))
    return AuditExport(text=text, entries=len(views), cursor=paging.encode(last, "audit") if last else None)


def _require(actor: Actor, organisation: UUID | None, to: Literal["audit", "export_audit"]) -> None:
    verified(actor)
    if access.is_moderator(actor):
        return
    if organisation is None:
        raise Forbidden("Name your organisation: the audit of all is for moderators.")
    found = access.standing_in(actor, organisation)
    mine = access.standing_of(actor, found)
    if mine.looks_after and to not in standing.abilities(mine):
        raise Withheld("dashboard" if to == "audit" else "export")
    access.standing_in(actor, organisation, to)


_LINKS = (
    "SELECT at, chain, number, entries FROM kernel_auditlink"
    " WHERE entries::jsonb @> ANY(%(wanted)s::jsonb[]) AND at > %(after)s AND at < %(before)s"
    " AND (at, chain, number) <= (%(at)s, %(chain)s, %(number)s)"
    " ORDER BY at DESC, chain DESC, number DESC LIMIT %(limit)s"
)
_FIRST = UUID(int=2**128 - 1)
_CHECKED = "SELECT at, entries FROM kernel_auditlink WHERE entries::jsonb @> %s::jsonb ORDER BY at DESC LIMIT 1"


def _entries(command: SearchAudit | ExportAudit, limit: int, now: datetime) -> tuple[list[_Found], _Place | None]:
    """The newest entries that are asked for, and where to go on if there may be more. One statement."""
    before = command.before or now + timedelta(minutes=1)
    after = command.after or before - RECENT
    if before - after > LONGEST:
        raise Invalid("$.params.after", f"At most {LONGEST.days} days at once.", why="too_long")
    place = (before, _FIRST, 2**62, 0)
    if command.cursor is not None:
        place = paging.decode(command.cursor, tuple[datetime, UUID, int, int], "audit")
    wanted = [json.dumps([one]) for one in _containing(command)]
    with connection.cursor() as cursor:
        cursor.execute(
            _LINKS,
            {
                "wanted": wanted,
                "after": after,
                "before": before,
                "limit": LINKS + 1,
                "at": place[0],
                "chain": place[1],
                "number": place[2],
            },
        )
        links = cursor.fetchall()
    found: list[_Found] = []
    for at, chain, number, text in links[:LINKS]:
        skipped = place[3] if (chain, number) == (place[1], place[2]) else 0
        for nth, entry in enumerate(msgspec.json.decode(text), 1):
            if nth > skipped and _is_wanted(entry, command):
                found.append(_Found((at, chain, number, nth), entry))
        if len(found) > limit:
            return found[:limit], found[limit - 1].place
    if len(links) <= LINKS:
        return found, None
    at, chain, number, _ = links[LINKS - 1]
    return found, (at, chain, number, ALL)


def _containing(command: SearchAudit | ExportAudit) -> list[dict[str, Any]]:
    """What the text of a link holds when one of its entries is asked for: any of these."""
    person, patient, organisation = (
        None if one is None else str(one) for one in (command.person, command.patient, command.organisation)
    )
    act = {"act": command.act} if command.act and not command.act.endswith(".") else {}
    by: list[dict[str, Any]] = [{"person": person}, {"on_behalf_of": person}] if person else [{}]
    about: list[dict[str, Any]] = [{"about": [patient]}, {"subject": patient}] if patient else [{}]
    of: list[dict[str, Any]] = [{}]
    if organisation:
        of = [{"organisation": organisation}, {"subject": organisation}, {"about": [organisation]}]
    return [
        {**act, **one, **other, **third, **_about(other, third)}
        for one in by
        for other in about
        for third in of
        if not ("subject" in other and "subject" in third)  # An entry has one subject.
    ]


def _about(*parts: dict[str, Any]) -> dict[str, Any]:
    """Everything that an entry is about, when there is anything."""
    together = [one for part in parts for one in part.get("about", [])]
    return {"about": together} if together else {}


def _is_wanted(entry: dict[str, Any], command: SearchAudit | ExportAudit) -> bool:
    """Whether this very entry is asked for, and may be shown."""
    about = {entry.get("subject"), *entry.get("about", [])}
    if command.organisation is not None:
        wanted = str(command.organisation)
        # A moderator's session acts for an organisation of theirs; whom they decide about is not its matter.
        if str(entry.get("act")).startswith(OF_MODERATORS) and wanted not in about:
            return False
        if entry.get("organisation") != wanted and wanted not in about:
            return False
    if command.person is not None and str(command.person) not in {entry.get("person"), entry.get("on_behalf_of")}:
        return False
    if command.patient is not None and str(command.patient) not in about:
        return False
    act = str(entry.get("act"))
    return not command.act or act == command.act or (command.act.endswith(".") and act.startswith(command.act))


def _views(found: Sequence[_Found]) -> list[AuditEntryView]:
    """Entries with the device of each. One statement."""
    sessions = {one.entry["session"] for one in found if "session" in one.entry}
    devices = {str(pk): label for pk, label in Session.objects.filter(pk__in=sessions).values_list("pk", "label")}
    return [
        AuditEntryView(
            at=one.place[0],
            act=one.entry["act"],
            subject=one.entry["subject"],
            person=_id(one.entry.get("person")),
            on_behalf_of=_id(one.entry.get("on_behalf_of")),
            organisation=_id(one.entry.get("organisation")),
            device=devices.get(one.entry.get("session", "")) or None,
            about=one.entry.get("about", []),
            details={name: str(value) for name, value in one.entry.items() if name not in NAMED},
            refused=one.entry["act"] == "refused",
        )
        for one in found
    ]


def _id(said: str | None) -> UUID | None:
    try:
        return UUID(said or "")
    except ValueError:
        return None  # Relais itself, a link of a patient, a program


def _patients(actor: Actor, views: Iterable[AuditEntryView]) -> tuple[dict[str, str], dict[str, str]]:
    """The names of patients whose record is open to the caller, and the initials of the others. Four statements."""
    said = {one for view in views for one in map(_id, (view.subject, *view.about)) if one is not None}
    rows = {row.pk: row for row in Patient.objects.filter(pk__in=said)}
    opened = set(patients_access.patients(actor).filter(pk__in=rows).values_list("pk", flat=True)) if rows else set()
    found = patient_views(rows.values()) if rows else {}
    named = {str(one): f"{view.first_names} {view.family_name}" for one, view in found.items() if one in opened}
    initials = {str(one): _initials(view) for one, view in found.items() if one not in opened}
    return named, initials


def _initials(view: PatientView) -> str:
    return " ".join(f"{name.strip()[0].upper()}." for name in (view.first_names, view.family_name) if name.strip())


def _last_check() -> ChainCheck | None:
    """The last entry of ``relais audit verify``. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CHECKED, [json.dumps([{"act": CHECKED}])])
        row = cursor.fetchone()
    if row is None:
        return None
    entry = next(one for one in msgspec.json.decode(row[1]) if one["act"] == CHECKED)
    return ChainCheck(at=row[0], links=int(entry["links"]), sound=entry["broken"] == "0")


def _names(views: Iterable[AuditEntryView]) -> dict[str, str]:
    """The names of the people, organisations and agendas that entries mention. Three statements."""
    said: set[UUID] = set()
    for view in views:
        ids = (view.person, view.on_behalf_of, view.organisation, _id(view.subject), *map(_id, view.about))
        said |= {one for one in ids if one is not None}
    names = {str(pk): name for pk, name in Resource.objects.filter(pk__in=said).values_list("pk", "name")}
    names |= {str(pk): name for pk, name in Organisation.objects.filter(pk__in=said).values_list("pk", "name")}
    return names | {str(one.pk): one.name for one in Person.objects.filter(pk__in=said)}


def _row(view: AuditEntryView, names: dict[str, str]) -> list[str]:
    return [
        view.at.isoformat(),
        str(view.person or ""),
        names.get(str(view.person), ""),
        names.get(str(view.on_behalf_of), str(view.on_behalf_of or "")),
        view.act,
        names.get(view.subject, view.subject),
        " ".join(names.get(one, one) for one in view.about),
        names.get(str(view.organisation), ""),
        view.device or "",
        " ".join(f"{name}={value}" for name, value in sorted(view.details.items())),
    ]


def _lines(views: Sequence[AuditEntryView], names: dict[str, str]) -> str:
    """One entry of JSON a line, with the name of who did it."""
    written = []
    for view in views:
        entry = msgspec.to_builtins(view)
        written.append(msgspec.json.encode({**entry, "name": names.get(str(view.person), "")}).decode() + "\n")
    return "".join(written)
