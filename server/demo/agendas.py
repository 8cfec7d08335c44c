"""Creates the agendas of the demo, and appointments that colleagues have already booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from identity.organisations.wire import AgendaLevel
from identity.patients.wire import BirthPlace, PatientForm
from referral.referrals.wire import BookReferral, GetReferral
from referral.scheduling.wire import FindSlots, HoldSlot
from referral.scheduling.wire_agendas import (
    AddAbsence,
    AgendaWithReasons,
    CreateAgenda,
    GetReasons,
    GrantAccess,
    OpeningForm,
    ReasonForm,
)
from server.demo.people import actor, begun
from server.demo.people_data import PLACES, ROLES, Role, demo_id
from server.kernel.authentication import Actor
from server.kernel.dispatch import dispatch, now
from server.kernel.wire.errors import NotFound

BY_KEY = {role.key: role for role in ROLES}
MORNING, AFTERNOON = ("08:00", "12:00"), ("14:00", "18:00")
WEEK = range(5)


@dataclass(frozen=True)
class Plan:
    """An agenda: whose, where, what for (name, minutes, buffer after), and on which half-days of the week."""

    role: str
    place: str
    name: str
    reasons: tuple[tuple[str, int, int], ...]
    mornings: tuple[int, ...] = tuple(WEEK)
    afternoons: tuple[int, ...] = tuple(WEEK)
    every: int = 1
    notice: int = 60
    staff: tuple[tuple[str, AgendaLevel], ...] = ()

    @property
    def id(self) -> UUID:
        return demo_id("agenda", self.role, self.place)

    def reason(self, name: str) -> UUID:
        return demo_id("reason", self.role, self.place, name)


PLANS = (
    Plan(
        "belkhadra",
        "marais",
        "Cardiologie, Clinique du Marais",
        (("Écho et consultation", 40, 0), ("Consultation de cardiologie", 30, 0), ("Épreuve d’effort", 45, 15)),
        afternoons=(0, 1, 3, 4),
        staff=(("corvaisier", "book"),),
    ),
    Plan(
        "belkhadra",
        "pipriac",
        "Cardiologie, Maison de santé de Pipriac",
        (("Consultation de cardiologie", 30, 0),),
        mornings=(5,),
        afternoons=(),
        every=2,
    ),
    Plan(
        "roussigné",
        "marais",
        "Rythmologie",
        (("Consultation de rythmologie", 30, 0), ("Contrôle de pacemaker", 20, 0)),
        mornings=(0, 2, 4),
        staff=(("corvaisier", "manage"),),
    ),
    Plan(
        "lestrange",
        "rennes",
        "Dermatologie",
        (("Avis dermatologique", 15, 0), ("Dépistage des cancers cutanés", 30, 5)),
        afternoons=(0, 1, 3),
        notice=24 * 60,
        staff=(("corvaisier", "busy"),),
    ),
    Plan("trémeur", "vannes", "Pédiatrie", (("Consultation de l’enfant", 30, 0), ("Vaccination", 15, 0))),
    Plan("ozanne", "ploermel", "Pneumologie", (("Consultation et EFR", 45, 0), ("Suivi d’apnée du sommeil", 20, 0))),
    Plan(
        "vauquier",
        "quatre-vents",
        "Médecine générale",
        (("Consultation", 20, 0), ("Visite longue", 40, 0)),
        mornings=tuple(range(6)),
        notice=0,
        staff=(("kervadec", "read"),),
    ),
    Plan("sandranaye", "filaos", "Dermatologie, La Réunion", (("Avis dermatologique", 20, 0),)),
)


def make_agendas() -> None:
    """Every agenda with its openings, a week of absence and a morning of absence, and who else may use it."""
    for plan in PLANS:
        whose = actor(BY_KEY[plan.role])
        zone = ZoneInfo(PLACES[plan.place].time_zone)
        today = begun().astimezone(zone).date()
        dispatch(
            whose,
            CreateAgenda(
                id=plan.id,
                site=PLACES[plan.place].id,
                name=plan.name,
                reasons=[
                    ReasonForm(id=plan.reason(name), name=name, minutes=minutes, after=after)
                    for name, minutes, after in plan.reasons
                ],
                openings=_openings(plan, today - timedelta(days=today.weekday())),
                notice=plan.notice,
            ),
        )
        _make_absences(whose, plan, today, zone)
        for key, level in plan.staff:
            dispatch(whose, GrantAccess(agenda=plan.id, person=BY_KEY[key].id, level=level))


def _make_absences(whose: Actor, plan: Plan, today: date, zone: ZoneInfo) -> None:
    away = today + timedelta(days=28 - today.weekday())  # from a Monday to the next
    morning = away - timedelta(days=13)
    dispatch(
        whose,
        AddAbsence(
            id=demo_id("absence", plan.role, plan.place, "week"),
            agenda=plan.id,
            first=away,
            until=away + timedelta(days=7),
        ),
    )
    dispatch(
        whose,
        AddAbsence(
            id=demo_id("absence", plan.role, plan.place, "morning"),
            agenda=plan.id,
            start=datetime.combine(morning, time(8), zone),
            end=datetime.combine(morning, time(12), zone),
        ),
    )


def _openings(plan: Plan, since: date) -> list[OpeningForm]:
    halves = [(MORNING, plan.mornings), (AFTERNOON, plan.afternoons)]
    return [
        OpeningForm(opens=opens, closes=closes, weekday=weekday, since=since, every=plan.every)
        for (opens, closes), weekdays in halves
        for weekday in weekdays
    ]


@dataclass(frozen=True)
class Visit:
    """An appointment that ``referrer`` took for a patient, so many days ahead, at the n-th free slot of that day."""

    referrer: str
    plan: Plan
    reason: str
    days: int
    nth: int
    patient: PatientForm
    message: str | None = None


def _patient(
    civility: str, first: str, family: str, born: str, phone: str, town: str, birth_name: str | None = None
) -> PatientForm:
    return PatientForm(
        civility="mme" if civility == "mme" else "m",
        first_names=first,
        family_name=family,
        birth_date=date.fromisoformat(born),
        birth_place=BirthPlace(country="FR", city=town),
        phone=phone,
        postal_code="35600",
        city="Redon",
        birth_name=birth_name,
    )


# 06 39 98 is the range that the French regulator keeps for works of fiction.
ODILE = _patient("mme", "Odile", "MARCHANDEAU", "1954-03-14", "06 39 98 41 07", "Ploërmel", birth_name="LE BRIZEC")
ARMEL = _patient("m", "Armel", "TRÉVIDIC", "1968-07-02", "06 39 98 12 60", "Redon")
LOEIZ = _patient("m", "Loeiz", "GUILLEMARD", "1945-01-22", "06 39 98 77 35", "Questembert")
JAOUEN = _patient("mme", "Jaouen", "PELLAN", "1992-05-30", "06 39 98 20 14", "Redon")
YVON = _patient("m", "Yvon", "CASTREC", "1960-10-09", "06 39 98 53 91", "Allaire")

VISITS = (
    Visit(
        "vauquier",
        PLANS[0],
        "Écho et consultation",
        3,
        2,
        ODILE,
        "FA de découverte ce jour, anticoagulation débutée. Merci pour l’écho et l’avis sur la stratégie de contrôle.",
    ),
    Visit("vauquier", PLANS[2], "Contrôle de pacemaker", 5, 1, LOEIZ),
    Visit(
        "vauquier", PLANS[5], "Consultation et EFR", 9, 0, ARMEL, "Toux depuis deux mois, sevrage tabagique en cours."
    ),
    Visit("belkhadra", PLANS[6], "Consultation", 1, 3, JAOUEN),
    Visit("kervadec", PLANS[6], "Visite longue", 1, 5, YVON, "Plaie du pied à revoir ensemble."),
)


def make_visits() -> None:
    """A few appointments. A day without a slot passes them on to the next one that has some."""
    for visit in VISITS:
        referrer = actor(BY_KEY[visit.referrer])
        referral = demo_id("referral", visit.patient.family_name)
        if _is_made(referrer, referral):
            continue
        reason = visit.plan.reason(visit.reason)
        first = now().date() + timedelta(days=visit.days)
        found = dispatch(
            referrer,
            FindSlots(agenda=visit.plan.id, reason=reason, from_=first, to=first + timedelta(days=10)),
        )
        start = found.slots[visit.nth].start
        hold = demo_id("hold", visit.patient.family_name, start.isoformat())
        dispatch(referrer, HoldSlot(id=hold, agenda=visit.plan.id, reason=reason, start=start))
        dispatch(
            referrer,
            BookReferral(
                id=referral,
                hold=hold,
                patient=visit.patient,
                seen_before=False,
                message=visit.message,
            ),
        )


def _is_made(referrer: Actor, referral: UUID) -> bool:
    try:
        dispatch(referrer, GetReferral(referral=referral))
    except NotFound:
        return False
    return True


def agendas(role: Role) -> list[AgendaWithReasons]:
    """What can be booked with somebody, as a colleague sees it."""
    colleague = BY_KEY["vauquier"] if role.key != "vauquier" else BY_KEY["belkhadra"]
    found: list[AgendaWithReasons] = dispatch(actor(colleague), GetReasons(practitioner=role.id)).agendas
    return found
