"""Places on a plane, in kilometres, so that PostgreSQL's own ``point`` can sort them by distance.

Each territory has its own conformal conic projection around its middle: distances inside one are right to half a
per cent. Territories lie far apart on the plane, so nobody in Réunion is ever near Paris.
"""

from __future__ import annotations

import math
import zlib

EARTH_KM = 6371.0088
APART_KM = 100_000.0

TERRITORIES = (
    (46.5, 2.5),  # metropolitan France
    (15.9, -61.4),  # Guadeloupe, Martinique, Saint-Martin, Saint-Barthélemy
    (4.0, -53.0),  # Guyane
    (-21.1, 55.5),  # Réunion
    (-12.8, 45.2),  # Mayotte
    (46.9, -56.3),  # Saint-Pierre-et-Miquelon
    (-17.6, -149.5),  # Polynésie française
    (-21.5, 165.5),  # Nouvelle-Calédonie
    (-13.3, -176.2),  # Wallis-et-Futuna
)

Point = tuple[float, float]


def project(lat: float, lon: float) -> Point:
    """The point of the plane, in kilometres, for degrees."""
    number = min(range(len(TERRITORIES)), key=lambda at: _squared(TERRITORIES[at], lat, lon))
    middle_lat, middle_lon = TERRITORIES[number]
    middle = math.radians(middle_lat)
    exponent = math.sin(middle)
    lat = max(-89.9, min(89.9, lat))
    ahead = (lon - middle_lon + 180) % 360 - 180
    middle_radius = EARTH_KM / math.tan(middle)
    radius = middle_radius * (_stretch(middle) / _stretch(math.radians(lat))) ** exponent
    angle = exponent * math.radians(ahead)
    return number * APART_KM + radius * math.sin(angle), middle_radius - radius * math.cos(angle)


def _stretch(lat: float) -> float:
    return math.tan(math.pi / 4 + lat / 2)


def _squared(middle: tuple[float, float], lat: float, lon: float) -> float:
    ahead = (lon - middle[1] + 180) % 360 - 180
    return (lat - middle[0]) ** 2 + (ahead * math.cos(math.radians(middle[0]))) ** 2


def apart(point: Point, name: str) -> Point:
    """``point`` moved by at most ten metres, always the same for ``name``.

    The register gives towns, not doors: without this, thousands would be equally near, in no order that pages could
    follow, and alphabetical order would favour the same people each time.
    """
    spread = zlib.crc32(name.encode())
    return point[0] + ((spread & 0xFFFF) / 0xFFFF - 0.5) / 70, point[1] + ((spread >> 16) / 0xFFFF - 0.5) / 70
