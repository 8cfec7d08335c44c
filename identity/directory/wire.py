"""Commands and views of the directory."""

from __future__ import annotations

from typing import Annotated

import msgspec

from identity.accounts.wire import BadgeView
from identity.organisations.wire_organisations import OrganisationHit
from server.kernel.wire import Command, Cursor, Id, Page, View, Words


class NearPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Around what: a postal code, a town, or a point in degrees (both ``lat`` and ``lon``)."""

    postal_code: Annotated[str, msgspec.Meta(pattern=r"^[0-9AB]{2,5}$")] | None = None
    city: Words | None = None
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None


class PractitionerView(View):
    """A professional of the directory. ``id`` names them in every other request, on Relais or not."""

    id: Id
    name: str
    profession: str
    first_name: str | None = None
    last_name: str | None = None
    speciality: str | None = None
    rpps: str | None = None


class PlaceView(View):
    """A place of practice; the distance is from the place searched, as the crow flies."""

    address: str
    postal_code: str
    city: str
    name: str | None = None
    distance_km: float | None = None


class Hit(View):
    """One professional found; ``why`` says which parts of the question they answer."""

    practitioner: PractitionerView
    places: list[PlaceView]
    why: list[str]
    person: Id | None = None
    distance_km: float | None = None
    bookable: bool = False
    verified_user: bool = False
    badge: BadgeView | None = None
    """How and when the account that belongs to the entry was verified."""
    favourite: bool = False


class Hits(View):
    """A page of the directory, the best first: as many as fit into 256 KiB. ``cursor`` when there are more.

    ``organisations`` are the services, establishments and other organisations on Relais whose name is in the text: five
    at most, services first, on the first page.
    """

    hits: list[Hit]
    organisations: list[OrganisationHit] = msgspec.field(default_factory=list)
    cursor: str | None = None


class SearchDirectory(Command[Hits]):
    """Professionals by words, profession, speciality, organisation and place; at least one of them is needed."""

    method = "directory.search"

    text: Words | None = None
    profession: Words | None = None
    speciality: Words | None = None
    organisation: Words | None = None
    cpts: Words | None = None
    place: NearPlace | None = None
    radius_km: Annotated[float, msgspec.Meta(gt=0, le=500)] | None = None
    bookable: bool | None = None
    on_relais: bool | None = None
    limit: Page = 20
    cursor: Cursor | None = None


class DirectoryEntry(View):
    """One professional in full."""

    practitioner: PractitionerView
    places: list[PlaceView]
    person: Id | None = None
    bookable: bool = False
    verified_user: bool = False
    badge: BadgeView | None = None
    """How and when the account that belongs to the entry was verified."""


class GetEntry(Command[DirectoryEntry]):
    """One professional of the directory, by the id of a hit or of a person on Relais."""

    method = "directory.get"

    practitioner: Id
