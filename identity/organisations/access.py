"""May this person, within an organisation: their membership, its sites, its resources, and the level on each.

A level comes from one of two things: a ``Right`` given on the resource (the practitioner of an agenda is given
``manage`` with it), or being an owner of its organisation now. ``levels`` says what each level includes.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from identity.accounts.access import verified
from identity.accounts.models import CLINICAL_FUNCTIONS
from identity.organisations.levels import MANAGE, MANAGED_BY_OWNERS, at_least
from identity.organisations.models import Membership, Resource, Right, Site
from identity.organisations.wire import ResourceKind
from server.kernel.authentication import Actor
from server.kernel.composed_query import one_of
from server.kernel.wire.errors import Forbidden, NotFound

_PRACTISING = Q(
    left_at=None,
    function__in=CLINICAL_FUNCTIONS,
    person__function__in=CLINICAL_FUNCTIONS,
    person__verified_at__isnull=False,
    person__suspended_at=None,
    person__is_active=True,
)
"""Memberships by which somebody can be booked: a verified clinician who is a practitioner of the organisation now."""


def membership(actor: Actor, organisation: UUID) -> Membership:
    """The caller's membership in an organisation, as long as it lasts."""
    found = Membership.objects.filter(person=actor.person, organisation=organisation, left_at=None).first()
    if found is None:
        raise NotFound
    return found


def site(actor: Actor, wanted: UUID, to: Literal["see", "practise"] = "see") -> Site:
    """A site of an organisation in which the caller is a member; ``practise``: in which they can be booked."""
    person = verified(actor)
    member = Q(organisation__memberships__person=person, organisation__memberships__left_at=None)
    found = Site.objects.filter(member, pk=wanted).first()
    if found is None:
        raise NotFound
    here = Membership.objects.filter(_PRACTISING, person=person, organisation=found.organisation_id)
    if to == "practise" and not here.exists():
        raise Forbidden("Only a practitioner of this organisation can be booked: they open the agenda themselves.")
    return found


def practises(person: str, organisation: str) -> Q:
    """A condition on rows of any table: the person in column ``person`` can be booked in the organisation in column
    ``organisation``.
    """
    here = Membership.objects.filter(_PRACTISING, person=OuterRef(person), organisation=OuterRef(organisation))
    return Q(Exists(here))


def level(person: UUID, resource: str = "pk") -> Case:
    """An expression for rows of any table: the person's level on the resource whose id is in column ``resource``, NULL
    without one.
    """
    owner = Membership.objects.filter(person=person, owner=True, left_at=None)
    owned = Resource.objects.filter(
        pk=OuterRef(resource), kind__in=MANAGED_BY_OWNERS, organisation__in=owner.values("organisation")
    )
    given = Right.objects.filter(person=person, resource=OuterRef(resource)).values("level")
    return Case(When(Exists(owned), then=Value(MANAGE)), default=Subquery(given), output_field=CharField())


def resources(person: UUID, kind: ResourceKind, need: str) -> QuerySet[Resource]:
    """The resources of a kind on which the person has at least the level ``need``."""
    given = Right.objects.filter(person=person, level__in=at_least(kind, need)).values("resource")
    allowed = Q(pk__in=given)
    if kind in MANAGED_BY_OWNERS:
        owner = Membership.objects.filter(person=person, owner=True, left_at=None)
        allowed |= Q(organisation__in=owner.values("organisation"))
    return Resource.objects.filter(allowed, kind=kind)


def others_with_a_level(resource: UUID, person: UUID) -> int:
    """How many people beside this one were given a level on a resource."""
    return Right.objects.filter(resource=resource).exclude(person=person).count()


def holders(wanted: UUID, kind: ResourceKind, need: str) -> QuerySet[Any, Any]:
    """Who has at least the level ``need`` on which of these resources: rows of resource, person and level.

    For a ``ComposedQuery``: ``wanted`` stands for the resources' ids. Somebody may stand there twice, as who was given
    a level and as an owner: the higher one is theirs.
    """
    rows: Any = Right.objects.filter(one_of("resource", wanted), resource__kind=kind, level__in=at_least(kind, need))
    rows = rows.values_list("resource", "person", "level")
    if kind in MANAGED_BY_OWNERS:
        owner = Q(organisation__memberships__owner=True, organisation__memberships__left_at=None)
        owned = Resource.objects.filter(one_of("pk", wanted), owner, kind=kind)
        managed = Value(MANAGE, output_field=CharField())
        rows = rows.union(owned.values_list("pk", "organisation__memberships__person", managed), all=True)
    return rows  # type: ignore[no-any-return]
