"""What clients see of organisations, and of the signed-in person; a constant number of queries each."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Value, When

from identity.accounts import access as accounts_access
from identity.organisations.models import Membership, Organisation
from identity.organisations.wire import Me, OrganisationView
from server.kernel.authentication import Actor


def me(actor: Actor) -> Me:
    """The caller and what they may do. Two queries."""
    person = accounts_access.caller(actor)
    return Me(
        id=person.id,
        name=person.name,
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        function=person.function,
        verified=person.verified_at is not None,
        abilities=["clinical"] if person.verified_at is not None else [],
        organisations=organisations(person.id),
        acting_for=actor.organisation,
        profession=person.profession or None,
        speciality=person.speciality or None,
        rpps=person.rpps,
    )


def organisations(person: UUID) -> list[OrganisationView]:
    """Where somebody is a member now, by name; a CPTS, which receives no patients, after the others. One query."""
    last = Case(When(organisation__kind=Organisation.Kind.CPTS, then=Value(1)), default=Value(0))
    current = Membership.objects.filter(person=person, left_at=None).select_related("organisation")
    return [
        OrganisationView(
            id=membership.organisation.id,
            name=membership.organisation.name,
            kind=membership.organisation.kind,
            function=membership.function,
            administrator=membership.administrator,
            owner=membership.owner,
        )
        for membership in current.order_by(last, "organisation__name", "organisation")
    ]
