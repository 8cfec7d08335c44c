from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral.notices.texts import Kind, Visit, next_sending_time, reminders, subject, text, when

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
START = datetime(2026, 11, 26, 8, 20, tzinfo=UTC)
EDGES = (datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-12-31"))


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Paris", "jeudi 26 novembre à 09:20"),
        ("Indian/Reunion", "jeudi 26 novembre à 12:20 (heure de La Réunion)"),
        ("Pacific/Marquesas", "mercredi 25 novembre à 22:50 (heure des Marquises)"),
    ],
)
def test_a_notice_says_the_time_of_the_sites_clocks(zone: str, words: str) -> None:
    assert when(START, ZoneInfo(zone)) == words
    assert words in text(Kind.BOOKED, Visit("Dr Samir Belkhadra", "", START, ZoneInfo(zone)))


def test_the_first_of_a_month_is_written_as_the_french_do() -> None:
    assert when(datetime(2026, 12, 1, 8, tzinfo=UTC), PARIS) == "mardi 1er décembre à 09:00"


def test_a_confirmation_says_with_whom_and_where() -> None:
    visit = Visit("Dr Samir Belkhadra", "3 quai des Tanneurs, 35600 Redon", START, PARIS)
    assert text(Kind.BOOKED, visit) == (
        "Rendez-vous confirmé jeudi 26 novembre à 09:20 avec Dr Samir Belkhadra, "
        "3 quai des Tanneurs, 35600 Redon. En cas d'empêchement, appelez le cabinet."
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_the_subject_of_an_email_names_nobody(kind: Kind) -> None:
    assert "Belkhadra" not in subject(kind, Visit("Dr Samir Belkhadra", "Redon", START, PARIS))


def test_a_visit_far_away_has_two_reminders() -> None:
    assert reminders(START, START - timedelta(days=9), PARIS) == [
        START - timedelta(hours=48),
        START - timedelta(hours=24),
    ]


def test_a_visit_booked_late_is_not_reminded_of() -> None:
    assert reminders(START, START - timedelta(hours=25), PARIS) == []


def test_a_reminder_wakes_nobody() -> None:
    night = datetime(2026, 11, 26, 1, tzinfo=UTC)  # 05:00 in Réunion
    assert [due.astimezone(REUNION).hour for due in reminders(night, night - timedelta(days=9), REUNION)] == [
        8,
        8,
    ]


@given(
    st.datetimes(*EDGES, timezones=st.just(UTC)),
    st.integers(0, 60 * 24 * 10),
    st.sampled_from([PARIS, REUNION, ZoneInfo("Pacific/Marquesas")]),
)
def test_reminders_come_before_the_visit_in_sending_hours(start: datetime, minutes: int, zone: ZoneInfo) -> None:
    booked_at = start - timedelta(minutes=minutes)
    for due in reminders(start, booked_at, zone):
        assert booked_at < due < start
        assert 8 * 60 <= due.astimezone(zone).hour * 60 + due.astimezone(zone).minute <= 20 * 60


@pytest.mark.parametrize(
    ("wall", "rings"),
    [
        ("2026-11-26 07:59", "2026-11-26 08:00"),
        ("2026-11-26 08:00", "2026-11-26 08:00"),
        ("2026-11-26 20:00", "2026-11-26 20:00"),
        ("2026-11-26 20:01", "2026-11-27 08:00"),
        ("2026-11-26 02:30", "2026-11-26 08:00"),
    ],
)
def test_what_was_held_up_rings_in_sending_hours_of_the_site(wall: str, rings: str) -> None:
    for zone in (PARIS, REUNION):
        now = datetime.fromisoformat(wall).replace(tzinfo=zone)
        assert next_sending_time(now, zone) == datetime.fromisoformat(rings).replace(tzinfo=zone)
