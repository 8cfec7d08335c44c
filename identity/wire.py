"""Commands, events and views about people and the directory."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from server.wire import NO_NUL, Command, Event, Id, Instant, Page, View

Words: TypeAlias = Annotated[str, msgspec.Meta(max_length=200, pattern=NO_NUL)]
"""What somebody types into a search field."""
Cursor: TypeAlias = Annotated[str, msgspec.Meta(max_length=600, pattern=r"^[A-Za-z0-9_=.-]*$")]
"""Opaque: where the next page begins. It comes from the page before."""


class PersonView(View):
    """A professional with an account, as colleagues see them."""

    id: Id
    name: str
    first_name: str
    last_name: str
    function: str
    verified: bool
    profession: str | None = None
    speciality: str | None = None
    rpps: str | None = None
    title: str | None = None


class OrganisationView(View):
    """An organisation that the person belongs to."""

    id: Id
    name: str
    kind: str
    function: str
    administrator: bool = False
    owner: bool = False


class Me(View):
    """The signed-in person and what they may do; ``abilities`` holds ``clinical`` once they are verified."""

    id: Id
    name: str
    first_name: str
    last_name: str
    email: str
    function: str
    verified: bool
    abilities: list[str]
    organisations: list[OrganisationView]
    language: str = "fr"
    profession: str | None = None
    speciality: str | None = None
    rpps: str | None = None


class SessionView(View):
    """One signed-in device."""

    id: Id
    kind: str
    label: str
    created_at: Instant
    last_seen_at: Instant
    current: bool = False


class Sessions(View):
    sessions: list[SessionView]


class ListSessions(Command):
    """The devices on which the caller is signed in, the most recent first."""

    method = "session.list"
    result = Sessions


class Done(View):
    """Carried out; there is nothing to show."""


class EndSession(Command):
    """Ends one session of the caller; its sockets close with 4401 at once. Ending it twice is harmless."""

    method = "session.end"
    result = Done

    session: Id


class EndOtherSessions(Command):
    """Ends every session of the caller but this one."""

    method = "session.end_others"
    result = Done


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
    favourite: bool = False


class Hits(View):
    """A page of the directory, the best first; ``cursor`` when there is more."""

    hits: list[Hit]
    cursor: str | None = None


class SearchDirectory(Command):
    """Professionals by words, profession, speciality, organisation and place; at least one of them is needed."""

    method = "directory.search"
    result = Hits

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


class GetEntry(Command):
    """One professional of the directory, by the id of a hit or of a person on Relais."""

    method = "directory.get"
    result = DirectoryEntry

    practitioner: Id


class InboxConversationAdded(Event):
    """The person now takes part in a conversation: its stream is theirs to follow."""

    type = "conversation.added"

    conversation: Id


class InboxConversationRemoved(Event):
    """The person takes part no longer: clients erase what they hold of the conversation."""

    type = "conversation.removed"

    conversation: Id
