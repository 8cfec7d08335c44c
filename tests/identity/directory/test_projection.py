from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.directory.projection import EARTH_KM, TERRITORIES, apart, project


def sphere(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres between two points in degrees."""
    a, b, c, d = map(math.radians, (*one, *other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


@given(st.floats(42.5, 51), st.floats(-4.5, 8), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_distances_in_metropolitan_france_are_right_to_one_per_cent(
    lat: float, lon: float, north: float, east: float
) -> None:
    one, other = (lat, lon), (lat + north, lon + east)
    assert math.dist(project(*one), project(*other)) == pytest.approx(sphere(one, other), rel=0.01, abs=0.01)


@pytest.mark.parametrize("middle", TERRITORIES)
def test_each_territory_measures_its_own_neighbourhood(middle: tuple[float, float]) -> None:
    other = (middle[0] + 0.2, middle[1] + 0.2)
    assert math.dist(project(*middle), project(*other)) == pytest.approx(sphere(middle, other), rel=0.01)


def test_reunion_is_never_near_paris() -> None:
    assert math.dist(project(48.86, 2.35), project(-20.9, 55.45)) > 20_000


@given(st.text())
def test_people_of_one_town_stand_at_most_ten_metres_from_its_middle(name: str) -> None:
    assert math.dist(apart((5.0, 5.0), name), (5.0, 5.0)) < 0.011
    assert apart((5.0, 5.0), name) == apart((5.0, 5.0), name)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_any_point_on_earth_has_a_place(lat: float, lon: float) -> None:
    assert all(math.isfinite(value) for value in project(lat, lon))
