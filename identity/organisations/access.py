"""May this person, within an organisation: their membership, its sites, its resources, and the level on each.

A level comes from one of three things: a ``Right`` given on the resource (the practitioner of an agenda is given
``manage`` with it), being an owner now of its organisation or, of a service, of its establishment, or, where an
organisation shows its schedules, being one of its practitioners (``busy``). ``levels`` says what each level includes,
``standing`` what a membership allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from identity.accounts.access import verified
from identity.accounts.models import CLINICAL_FUNCTIONS, Person
from identity.accounts.wire import MODERATOR, PROFESSIONAL
from identity.organisations import standing
from identity.organisations.levels import BUSY, MANAGE, MANAGED_BY_OWNERS, at_least
from identity.organisations.models import Membership, Organisation, Resource, Right, Site
from identity.organisations.refusals import VouchedOnly
from identity.organisations.standing import Ability, Standing
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
) & ~Q(person__verification_method="vouched")
"""Memberships by which somebody can be booked: a verified clinician who is a practitioner of the organisation now. That
a colleague vouches for somebody's identity proves no profession."""


def membership(actor: Actor, organisation: UUID) -> Membership:
    """The caller's membership in an organisation, as long as it lasts."""
    found = Membership.objects.filter(person=actor.person, organisation=organisation, left_at=None).first()
    if found is None:
        raise NotFound
    return found


def organisation(actor: Actor, wanted: UUID) -> Organisation:
    """An organisation: each is there for every verified professional to see."""
    verified(actor)
    found = Organisation.objects.select_related("parent").filter(pk=wanted).first()
    if found is None:
        raise NotFound
    return found


def standing_in(actor: Actor, wanted: UUID, to: Ability = "see_members", *, lock: bool = False) -> Organisation:
    """An organisation in which the caller may do this, with their ``standing``; ``NotFound`` to whoever is no member,
    ``Forbidden`` to a member who may not. Locked, it is changed by nobody else until the transaction ends.
    """
    rows = Organisation.objects.select_for_update(of=("self",), no_key=True) if lock else Organisation.objects
    found = rows.select_related("parent").filter(pk=wanted).first()
    mine = None if found is None else standings(verified(actor), [found]).get(found.pk)
    if found is None or mine is None:
        raise NotFound
    if to not in standing.abilities(mine):
        raise Forbidden("This is for those who look after the organisation: ask one of them.")
    return found


def standings(person: UUID, organisations: Sequence[Organisation]) -> dict[UUID, Standing]:
    """How somebody stands in each of these organisations; those in which they are nobody are left out. Two statements.

    Whoever looks after an establishment looks after its services as well, and stands there by what they are above.
    """
    concerned = {one.pk for one in organisations} | {one.parent_id for one in organisations if one.parent_id}
    live = Membership.objects.filter(organisation__in=concerned, left_at=None)
    mine = {one.organisation_id: one for one in live.filter(person=person)}
    owners = live.filter(owner=True, person__is_active=True)
    owned = set(owners.values_list("organisation", flat=True)) if mine else set()
    rules_by_agenda = [one.pk for one in organisations if one.access_rule == Organisation.AccessRule.AGENDA_MANAGERS]
    managing = Right.objects.filter(
        person=person, level=MANAGE, resource__kind="agenda", resource__organisation__in=rules_by_agenda
    )
    managed = set(managing.values_list("resource__organisation", flat=True)) if rules_by_agenda else set()
    found: dict[UUID, Standing] = {}
    for one in organisations:
        here, above = mine.get(one.pk), mine.get(one.parent_id) if one.parent_id else None
        runs_above = above is not None and (above.owner or above.administrator)
        if here is None and not runs_above:
            continue
        counted = [one for one in (here, above if runs_above else None) if one is not None]
        found[one.pk] = Standing(
            access_rule=one.access_rule,
            owner=(here is not None and here.owner) or (runs_above and above is not None and above.owner),
            administrator=(here is not None and here.administrator) or runs_above,
            coordinator=here is not None and here.coordinator,
            vouched=here is not None and here.vouched_by_id is not None,
            manages_agendas=one.pk in managed,
            owned=one.pk in owned or one.parent_id in owned,
            dashboard_hidden=any(one.dashboard_hidden for one in counted),
            may_export=any(one.may_export for one in counted),
        )
    return found


def hold_still(resource: UUID) -> None:
    """Locks the organisation of a resource: until the transaction ends nobody leaves it, or is given less there. Before
    the levels are looked at, and before rows of other rooms are locked."""
    list(Organisation.objects.select_for_update(of=("self",), no_key=True).filter(resources=resource).values_list("pk"))


def hold(organisation: UUID) -> None:
    """Locks an organisation: as ``hold_still``."""
    list(Organisation.objects.select_for_update(of=("self",), no_key=True).filter(pk=organisation).values_list("pk"))


def practising(organisation: UUID | None) -> QuerySet[Membership]:
    """The memberships of an organisation's practitioners who can be booked: none without an organisation."""
    return Membership.objects.filter(_PRACTISING, organisation=organisation)


def may_in(actor: Actor, resource: UUID, to: Ability) -> bool:
    """Whether the caller may do this in the organisation of a resource. Five statements at most."""
    found = Organisation.objects.filter(resources=resource)
    mine = standings(verified(actor), list(found))
    return any(to in standing.abilities(one) for one in mine.values())


def standing_of(actor: Actor, found: Organisation) -> Standing:
    """How the caller stands in an organisation that ``standing_in`` returned."""
    return standings(verified(actor), [found])[found.pk]


LOOKING_AFTER = Q(left_at=None, person__is_active=True, person__suspended_at=None, person__verified_at__isnull=False)
"""Memberships of people who can act: an organisation needs one of them who owns or administers it."""


VOUCHED = Q(national_id=None) & Exists(
    Membership.objects.filter(person=OuterRef("pk"), left_at=None, vouched_by__isnull=False)
)
"""People for whose identity a colleague answers: who has a number of the register has proved it by themselves."""


def is_vouched(person: UUID) -> bool:
    """Whether somebody works inside the organisations that vouch for them, and nowhere else."""
    return Person.objects.filter(VOUCHED, pk=person).exists()


def is_moderator(actor: Actor) -> bool:
    """Whether the caller looks after this Relais as a whole."""
    return MODERATOR in actor.scopes


def is_looked_after(row: Organisation) -> bool:
    """Whether an owner or administrator is left who can act, here or, of a service, above it."""
    wanted = [row.pk, *([row.parent_id] if row.parent_id else [])]
    able = Membership.objects.filter(LOOKING_AFTER, Q(owner=True) | Q(administrator=True), organisation__in=wanted)
    return able.exists()


def is_member(organisation: UUID, person: UUID) -> bool:
    """Whether somebody is a member now."""
    return Membership.objects.filter(organisation=organisation, person=person, left_at=None).exists()


def member(organisation: UUID, person: UUID) -> Membership:
    """Somebody's membership, as long as it lasts, locked; the caller stands in the organisation already."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("person")
    found = rows.filter(organisation=organisation, person=person, left_at=None).first()
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
    if to == "practise" and PROFESSIONAL not in actor.scopes:
        raise VouchedOnly
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
    owned = Resource.objects.filter(_owned_by(person), pk=OuterRef(resource), kind__in=MANAGED_BY_OWNERS)
    shown = Resource.objects.filter(_shown_to(person), pk=OuterRef(resource)).values("pk")[:1]
    given = Right.objects.filter(person=person, resource=OuterRef(resource)).values("level")
    busy = Case(When(Exists(shown), then=Value(BUSY)), output_field=CharField())
    least = Coalesce(Subquery(given), busy, output_field=CharField())
    return Case(When(Exists(owned), then=Value(MANAGE)), default=least, output_field=CharField())


def notes_hidden(person: UUID, organisation: str) -> Exists:
    """A condition on rows of any table: in the organisation in column ``organisation`` the person does not see what was
    written about patients. Owners and practitioners always do.
    """
    hidden = Membership.objects.filter(
        person=person, organisation=OuterRef(organisation), left_at=None, notes_hidden=True, owner=False
    )
    return Exists(hidden.exclude(function__in=CLINICAL_FUNCTIONS))


def kept_to_own(person: UUID) -> QuerySet[Organisation]:
    """The organisations in which this person is a practitioner, and practitioners see their own patients alone."""
    here = Membership.objects.filter(person=person, left_at=None, function__in=CLINICAL_FUNCTIONS)
    return Organisation.objects.filter(own_patients_only=True, pk__in=here.values("organisation"))


def _shown_to(person: UUID) -> Q:
    """A condition on resources: agendas of an organisation that shows its schedules to this practitioner of it."""
    practises_there = Membership.objects.filter(person=person, function__in=CLINICAL_FUNCTIONS, left_at=None)
    there = practises_there.filter(organisation__schedules_shown=True).values("organisation")
    return Q(kind="agenda", organisation__in=there)


def _owned_by(person: UUID) -> Q:
    """A condition on resources: they are of an organisation of which this person is an owner, or of a service of it."""
    owner = Membership.objects.filter(person=person, owner=True, left_at=None).values("organisation")
    services = Organisation.objects.filter(parent__in=owner).values("pk")
    return Q(organisation__in=owner) | Q(organisation__in=services)


def resources(person: UUID, kind: ResourceKind, need: str) -> QuerySet[Resource]:
    """The resources of a kind on which the person has at least the level ``need``."""
    given = Right.objects.filter(person=person, level__in=at_least(kind, need)).values("resource")
    allowed = Q(pk__in=given)
    if kind in MANAGED_BY_OWNERS:
        allowed |= _owned_by(person)
    if (kind, need) == ("agenda", BUSY):
        allowed |= _shown_to(person)
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
        managed = Value(MANAGE, output_field=CharField())
        unions = [
            Resource.objects.filter(
                Q((f"{members}__owner", True), (f"{members}__left_at", None)), one_of("pk", wanted), kind=kind
            ).values_list("pk", f"{members}__person", managed)
            for members in ("organisation__memberships", "organisation__parent__memberships")
        ]
        if (kind, need) == ("agenda", BUSY):
            practises_there = Q(
                organisation__schedules_shown=True,
                organisation__memberships__function__in=CLINICAL_FUNCTIONS,
                organisation__memberships__left_at=None,
            )
            shown = Resource.objects.filter(one_of("pk", wanted), practises_there, kind=kind)
            busy = Value(BUSY, output_field=CharField())
            unions.append(shown.values_list("pk", "organisation__memberships__person", busy))
        rows = rows.union(*unions, all=True)
    return rows  # type: ignore[no-any-return]
