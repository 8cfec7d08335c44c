"""What becomes of care links when somebody leaves an organisation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from identity.organisations.wire_organisations import MembershipEnded
from identity.patients.models import CareLink
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft


def end_care_links(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """Whoever leaves an organisation opens its records no longer; those of others stay open to them. One statement for
    each of those who leave. Who comes back manages their agendas again, and sees the patients of these."""
    for draft in drafts:
        if isinstance(draft.event, MembershipEnded):
            person = UUID(draft.stream.partition(":")[2])
            of = CareLink.objects.filter(person=person, patient__organisation=draft.event.organisation, until=None)
            of.update(until=tx.now)
    return []
