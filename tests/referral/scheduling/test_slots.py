from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral.scheduling.slots import (
    Busy,
    Calendar,
    Days,
    Hours,
    Once,
    Slot,
    Stretch,
    Verdict,
    Visit,
    Wanted,
    Weekly,
    check,
    find_free_slots,
    free_starts,
    openings,
)
from referral.scheduling.wall_clock import EPOCH, SECOND, Span, at_site, day_span, instant, seconds

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Paris",
        "Indian/Reunion",
        "Indian/Mayotte",
        "America/Guadeloupe",
        "America/Cayenne",
        "Pacific/Marquesas",
        "America/Miquelon",
    )
]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FOREVER = timedelta(days=36500)
NOTHING: Busy[str] = lambda days: {}  # noqa: E731
QUARTER = Visit(timedelta(minutes=15))


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def at(text: str, zone: ZoneInfo = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def once(day: date, opens: time, closes: time, zone: ZoneInfo = PARIS, **fields: Any) -> Calendar:
    return Calendar(Hours(zone, (Once(day, opens, closes),)), **{"horizon": FOREVER, **fields})


def starts(calendar: Calendar, day: date, visit: Visit = QUARTER, *busy: Span, now: datetime = LONG_AGO) -> list[str]:
    taken = [seconds(span) for span in busy]
    found = free_starts(calendar, visit, taken, Days(day, day + timedelta(days=1)), now)
    return [start.astimezone(calendar.zone).strftime("%H:%M") for start in found]


@pytest.mark.parametrize(
    ("day", "quarters"), [(date(2027, 3, 28), 20), (date(2026, 10, 25), 28), (date(2026, 12, 1), 24)]
)
def test_a_night_agenda_has_the_quarter_hours_that_really_exist(day: date, quarters: int) -> None:
    found = free_starts(once(day, time(0), time(6)), QUARTER, (), Days(day, day + timedelta(days=1)), LONG_AGO)
    assert len(found) == quarters
    assert all(later - earlier == minutes(15) for earlier, later in pairwise(found))


def test_the_same_night_in_reunion_never_changes() -> None:
    day = date(2027, 3, 28)
    assert len(starts(once(day, time(0), time(6), REUNION), day)) == 24


def test_wall_clock_openings_keep_their_hour_across_the_change_of_clocks() -> None:
    calendar = Calendar(Hours(PARIS, (Weekly(0, time(9), time(10), since=date(2026, 1, 5)),)), horizon=FOREVER)
    for monday in (date(2027, 3, 22), date(2027, 3, 29)):
        assert starts(calendar, monday) == ["09:00", "09:15", "09:30", "09:45"]


def test_an_opening_skipped_by_the_spring_change_is_empty() -> None:
    day = date(2027, 3, 28)
    assert starts(once(day, time(2), time(3)), day) == []
    assert starts(once(day, time(2, 30), time(3, 30)), day) == ["03:00", "03:15"]


def test_every_other_week_counts_from_the_week_of_its_anchor() -> None:
    weekly = Weekly(3, time(9), time(12), since=date(2026, 12, 1), every=2)  # a Tuesday: its Thursday is the 3rd
    open_on = [date(2026, 12, 1) + timedelta(days=n) for n in range(40) if weekly.on(date(2026, 12, 1) + timedelta(n))]
    assert open_on == [date(2026, 12, 3), date(2026, 12, 17), date(2026, 12, 31)]


def test_a_weekly_opening_ends_before_its_until() -> None:
    weekly = Weekly(1, time(9), time(12), since=date(2026, 12, 1), until=date(2026, 12, 15))
    assert weekly.on(date(2026, 12, 8))
    assert not weekly.on(date(2026, 12, 15))
    assert not weekly.on(date(2026, 11, 24))


def test_the_grid_begins_at_the_opening_and_advances_by_the_visit_or_by_the_step() -> None:
    day = date(2026, 12, 1)
    forty = Visit(minutes(40))
    assert starts(once(day, time(8, 10), time(10, 30)), day, forty) == ["08:10", "08:50", "09:30"]
    assert starts(once(day, time(8, 10), time(9, 30), step=minutes(20)), day, forty) == [
        "08:10",
        "08:30",
        "08:50",
    ]


def test_a_taken_slot_does_not_move_the_grid() -> None:
    day = date(2026, 12, 1)
    taken = Span(at("2026-12-01T08:10"), at("2026-12-01T08:20"))
    assert starts(once(day, time(8), time(10)), day, Visit(minutes(30)), taken) == ["08:30", "09:00", "09:30"]


def test_neighbours_may_touch_because_spans_are_half_open() -> None:
    day = date(2026, 12, 1)
    taken = Span(at("2026-12-01T08:30"), at("2026-12-01T09:00"))
    assert starts(once(day, time(8), time(9, 30)), day, Visit(minutes(30)), taken) == ["08:00", "09:00"]


def test_a_visit_fits_exactly_between_two_others() -> None:
    day = date(2026, 12, 1)
    before = Span(at("2026-12-01T08:00"), at("2026-12-01T08:30"))
    after = Span(at("2026-12-01T09:00"), at("2026-12-01T09:30"))
    assert starts(once(day, time(8), time(9, 30)), day, Visit(minutes(30)), before, after) == ["08:30"]


def test_buffers_keep_other_visits_away_and_may_lie_outside_the_opening() -> None:
    day = date(2026, 12, 1)
    visit = Visit(minutes(30), before=minutes(10), after=minutes(20))
    taken = Span(at("2026-12-01T09:00"), at("2026-12-01T09:20"))
    assert starts(once(day, time(8), time(10)), day, visit, taken) == ["08:00", "09:30"]


def test_an_absence_closes_days_or_hours() -> None:
    day = date(2026, 12, 1)
    hours = Span(at("2026-12-01T08:20"), at("2026-12-01T09:00"))
    assert starts(once(day, time(8), time(9, 30), absences=(hours,)), day) == ["08:00", "09:00", "09:15"]
    days = Days(day, day + timedelta(days=1))
    assert starts(once(day, time(8), time(9, 30), absences=(days,)), day) == []


def test_a_night_belongs_to_the_day_each_slot_begins_on() -> None:
    calendar = once(date(2026, 12, 1), time(22), time(2))
    hour = Visit(minutes(60))
    assert starts(calendar, date(2026, 12, 1), hour) == ["22:00", "23:00"]
    assert starts(calendar, date(2026, 12, 2), hour) == ["00:00", "01:00"]


def test_after_midnight_a_night_goes_on_by_the_grid_of_its_beginning() -> None:
    calendar = once(date(2026, 12, 1), time(22), time(2))
    assert starts(calendar, date(2026, 12, 2), Visit(minutes(50))) == ["00:30"]


def test_what_overlaps_is_taken_until_the_last_of_it_ends() -> None:
    day = date(2026, 12, 1)
    spans = [("08:00", "08:30"), ("08:15", "09:00"), ("08:20", "08:25")]
    taken = [Span(at(f"{day}T{start}"), at(f"{day}T{end}")) for start, end in spans]
    assert starts(once(day, time(8), time(9, 30)), day, QUARTER, *taken) == ["09:00", "09:15"]


def test_notice_and_horizon_bound_what_is_offered() -> None:
    day = date(2026, 12, 1)
    calendar = once(day, time(8), time(12), notice=minutes(60), horizon=minutes(180))
    now = at("2026-12-01T07:30")
    assert starts(calendar, day, Visit(minutes(30)), now=now) == ["08:30", "09:00", "09:30", "10:00"]
    assert check(calendar, QUARTER, (), at("2026-12-01T08:15"), now) is Verdict.TOO_SOON
    assert check(calendar, QUARTER, (), at("2026-12-01T10:30"), now) is Verdict.TOO_FAR


def test_overlapping_openings_offer_each_start_once() -> None:
    day = date(2026, 12, 1)
    hours = Hours(PARIS, (Once(day, time(8), time(9)), Once(day, time(8, 30), time(9, 30))))
    calendar = Calendar(hours, horizon=FOREVER)
    assert starts(calendar, day, Visit(minutes(30))) == ["08:00", "08:30", "09:00"]


def test_many_agendas_are_swept_in_the_order_of_time() -> None:
    day = date(2026, 12, 1)
    paris = Wanted("paris", once(day, time(9), time(10)), Visit(minutes(30)))
    reunion = Wanted("reunion", once(day, time(12, 15), time(13), REUNION), Visit(minutes(30)))  # 09:15 in Paris
    found, _ = find_free_slots([paris, reunion], NOTHING, Days(day, day + timedelta(days=1)), LONG_AGO)
    assert [slot.key for slot in found] == ["paris", "reunion", "paris"]
    assert [EPOCH + slot.start * SECOND for slot in found][:2] == [at("2026-12-01T09:00"), at("2026-12-01T09:15")]


@pytest.mark.parametrize(
    ("start", "verdict"),
    [
        ("2026-11-30T09:00", Verdict.PAST),
        ("2026-12-01T12:00", Verdict.OUTSIDE),
        ("2026-12-01T11:45", Verdict.OUTSIDE),  # would end after the opening
        ("2026-12-01T09:10", Verdict.OFF_GRID),
        ("2026-12-01T10:00", Verdict.TAKEN),
        ("2026-12-01T11:00", Verdict.ABSENT),
        ("2026-12-01T09:30", Verdict.FREE),
    ],
)
def test_a_start_that_cannot_be_booked_says_why(start: str, verdict: Verdict) -> None:
    absence = Span(at("2026-12-01T11:00"), at("2026-12-01T11:30"))
    calendar = once(date(2026, 12, 1), time(9), time(12), absences=(absence,))
    busy = (Span(at("2026-12-01T10:00"), at("2026-12-01T10:30")),)
    assert check(calendar, Visit(minutes(30)), busy, at(start), at("2026-12-01T08:00")) is verdict


# Properties, around both changes of clocks of 2026.

unhurried = settings(deadline=None)  # The machine may be busy.
zones = st.sampled_from(ZONES)
days = st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 12, 1)]).flatmap(
    lambda first: st.integers(0, 3).map(lambda n: first + timedelta(days=n))
)
wall_times = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
durations = st.integers(1, 18).map(lambda fives: minutes(5 * fives))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = datetime.combine(draw(days), draw(wall_times), UTC)
    return Span(start, start + draw(durations))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    weekly = st.builds(
        Weekly,
        weekday=st.integers(0, 6),
        opens=wall_times,
        closes=wall_times,
        since=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        until=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        every=st.integers(1, 2),
    )
    absent = spans() | days.map(lambda day: Days(day, day + timedelta(days=1)))
    return Calendar(
        Hours(draw(zones), draw(st.lists(weekly | st.builds(Once, days, wall_times, wall_times), max_size=8))),
        absences=tuple(draw(st.lists(absent, max_size=2))),
        notice=draw(durations),
        horizon=draw(st.integers(1, 300).map(lambda count: timedelta(days=count))),
        step=draw(st.none() | durations),
    )


visits = st.builds(Visit, durations, durations | st.just(timedelta(0)), durations | st.just(timedelta(0)))


@unhurried
@given(calendars(), visits, st.lists(spans(), max_size=6), days, st.integers(0, 200))
def test_the_sweep_offers_exactly_the_starts_that_the_check_calls_free(
    calendar: Calendar, visit: Visit, busy: list[Span], day: date, days_ahead: int
) -> None:
    now = datetime.combine(day, time(5), UTC) - timedelta(days=days_ahead)
    site_day = day_span(day, calendar.zone)
    instants = [site_day.start + minutes(5 * n) for n in range((site_day.end - site_day.start) // minutes(5))]
    free = [start for start in instants if check(calendar, visit, busy, start, now) is Verdict.FREE]
    taken = [seconds(span) for span in busy]
    assert free_starts(calendar, visit, taken, Days(day, day + timedelta(days=1)), now) == free


@unhurried
@given(calendars(), visits, st.lists(spans(), max_size=6), days, st.integers(1, 9), st.integers(1, 60))
def test_pages_of_slots_are_whole_days_and_together_all_of_them(
    calendar: Calendar, visit: Visit, busy: list[Span], day: date, length: int, most: int
) -> None:
    elsewhere = replace(calendar, hours=Hours(ZONES[0], calendar.hours.openings))
    wanted = [Wanted("one", calendar, visit), Wanted("other", elsewhere, visit)]
    asked: list[Days] = []

    def taken(some: Days) -> dict[str, list[Stretch]]:
        asked.append(some)
        return {"one": [seconds(span) for span in busy]}

    now = datetime.combine(day, time(5), UTC)
    until = day + timedelta(days=length)
    everything, end = find_free_slots(wanted, taken, Days(day, until), now)
    assert end == until
    found: list[Slot[str]] = []
    first = day
    while first < until:
        asked.clear()
        page, then = find_free_slots(wanted, taken, Days(first, until), now, most)
        assert len(asked) <= 2
        assert then > first
        zone = {"one": calendar.zone, "other": ZONES[0]}
        shown = {at_site(slot.start, zone[slot.key]).date() for slot in page}
        assert len(page) <= most or len(shown) == 1
        assert all(first <= one < then for one in shown)
        found += page
        first = then
    assert sorted(found) == sorted(everything)


@unhurried
@given(zones, days, st.lists(wall_times, min_size=2, max_size=6, unique=True))
def test_adjoining_openings_neither_overlap_nor_leave_a_gap_on_any_day(
    zone: ZoneInfo, day: date, walls: list[time]
) -> None:
    edges = [instant(datetime.combine(day, wall), zone) for wall in sorted(walls)]
    assert edges == sorted(edges)
    pieces = tuple(Once(day, a, b) for a, b in pairwise(sorted(walls)))
    found = openings(Hours(zone, pieces), Days(day, day + timedelta(days=1)))
    assert sum(((b - a) for a, b in found), timedelta(0)) == edges[-1] - edges[0]


@unhurried
@given(zones, days, wall_times)
def test_an_instant_shows_the_wall_time_it_came_from_unless_the_change_skips_it(
    zone: ZoneInfo, day: date, wall: time
) -> None:
    moment = datetime.combine(day, wall)
    shown = instant(moment, zone).astimezone(zone).replace(tzinfo=None, fold=0)
    assert shown == moment or (
        zone.key in ("Europe/Paris", "America/Miquelon") and moment < shown <= moment + minutes(60)
    )


def test_days_are_looked_up_as_far_as_the_answer_goes_and_the_rest_at_once_when_much_is_taken() -> None:
    day, quarters = date(2026, 12, 1), 96
    until = day + timedelta(days=60)
    hours = Hours(PARIS, [Weekly(weekday, time(0), time(0), day) for weekday in range(7)])
    wanted = [Wanted("one", Calendar(hours, horizon=FOREVER), QUARTER)]
    asked: list[Days] = []

    def full_until(free: date) -> int:
        def taken(some: Days) -> dict[str, list[Stretch]]:
            asked.append(some)
            return {"one": [seconds(Span(day_span(day, PARIS).start, day_span(free, PARIS).start))]}

        asked.clear()
        return len(find_free_slots(wanted, taken, Days(day, until), LONG_AGO, 3 * quarters).slots)

    assert full_until(day) == 3 * quarters
    assert asked == [Days(day, day + timedelta(days=6))]
    assert full_until(until - timedelta(days=2)) == 2 * quarters
    assert asked == [Days(day, day + timedelta(days=6)), Days(day + timedelta(days=6), until)]
