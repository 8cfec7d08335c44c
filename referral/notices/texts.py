"""What a patient is told about an appointment, in which words, and when.

An SMS is read on locked screens, by relatives and by carriers: it names the practitioner and the address
and never a reason, a speciality, an agenda or a site, whose names can give away why somebody comes. The
same text serves as the e-mail. Times are those of the site's clocks; overseas it says which clocks they
are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

REMINDERS = (timedelta(hours=48), timedelta(hours=24))
"""How long before the visit."""
SENDING_HOURS = (time(8), time(20))
"""Between which times, by the site's clocks, a patient's telephone may ring with a reminder."""
MIN_REMINDER_GAP = timedelta(hours=2)
"""A reminder sooner than this after the booking says nothing new."""

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_CLOCKS = {
    "Indian/Reunion": "heure de La Réunion",
    "Indian/Mayotte": "heure de Mayotte",
    "America/Guadeloupe": "heure de la Guadeloupe",
    "America/Martinique": "heure de la Martinique",
    "America/Cayenne": "heure de Guyane",
    "America/St_Barthelemy": "heure de Saint-Barthélemy",
    "America/Marigot": "heure de Saint-Martin",
    "America/Miquelon": "heure de Saint-Pierre-et-Miquelon",
    "Pacific/Tahiti": "heure de Tahiti",
    "Pacific/Marquesas": "heure des Marquises",
    "Pacific/Gambier": "heure des Gambier",
    "Pacific/Noumea": "heure de Nouvelle-Calédonie",
    "Pacific/Wallis": "heure de Wallis-et-Futuna",
}


class Kind(StrEnum):
    """The notices there are, as ``Delivery.kind`` names them."""

    BOOKED = "appointment.booked"
    REMINDER = "appointment.reminder"
    CANCELLED = "appointment.cancelled"

    @property
    def word(self) -> str:
        """The short form, for keys: ``booked``."""
        return self.value.rpartition(".")[2]


class Visit(NamedTuple):
    """All that a notice may say: with whom, where, when."""

    practitioner: str
    address: str
    start: datetime
    zone: ZoneInfo


def when(start: datetime, zone: ZoneInfo) -> str:
    """The site's day and time in words: ``jeudi 26 novembre à 09:20``."""
    wall = start.astimezone(zone)
    day = "1er" if wall.day == 1 else str(wall.day)
    clocks = _CLOCKS.get(zone.key)
    spoken = f"{_DAYS[wall.weekday()]} {day} {_MONTHS[wall.month - 1]} à {wall:%H:%M}"
    return f"{spoken} ({clocks})" if clocks else spoken


def text(kind: Kind, visit: Visit) -> str:
    """The words of a notice; the same by SMS and by e-mail."""
    what = f"{when(visit.start, visit.zone)} avec {visit.practitioner}"
    if kind is Kind.CANCELLED:
        return f"Votre rendez-vous du {what} est annulé. Pour toute question, appelez le cabinet."
    where = f", {visit.address}" if visit.address else ""
    opening = "Rappel : votre rendez-vous est prévu" if kind is Kind.REMINDER else "Rendez-vous confirmé"
    return f"{opening} {what}{where}. En cas d'empêchement, appelez le cabinet."


def subject(kind: Kind, visit: Visit) -> str:
    """The subject of the e-mail: shown in lists and notifications, so it says when and nothing else."""
    titles = {
        Kind.BOOKED: "Rendez-vous confirmé",
        Kind.REMINDER: "Rappel de rendez-vous",
        Kind.CANCELLED: "Rendez-vous annulé",
    }
    return f"{titles[kind]} : {when(visit.start, visit.zone)}"


def reminders(start: datetime, booked_at: datetime, zone: tzinfo) -> Sequence[datetime]:
    """When to remind of a visit at ``start``, in UTC: within sending hours, and not right after the booking."""
    found = []
    for before in REMINDERS:
        wall = (start.astimezone(UTC) - before).astimezone(zone)
        rings = min(max(wall.time(), SENDING_HOURS[0]), SENDING_HOURS[1])
        due = datetime.combine(wall.date(), rings, zone).astimezone(UTC)
        if due >= booked_at + MIN_REMINDER_GAP:
            found.append(due)
    return found


def next_sending_time(now: datetime, zone: ZoneInfo) -> datetime:
    """``now`` within sending hours, otherwise when they next begin, in UTC.

    A reminder that was held up (no worker, no carrier) waits for the morning instead of ringing at night.
    """
    wall = now.astimezone(zone)
    opens, closes = SENDING_HOURS
    if opens <= wall.time() <= closes:
        return now
    day = wall.date() + timedelta(days=wall.time() > closes)
    return datetime.combine(day, opens, zone).astimezone(UTC)
