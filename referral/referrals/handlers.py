"""What becomes of a referral when something happens to its appointment."""

from __future__ import annotations

from collections.abc import Sequence

from referral.referrals import lifecycle
from referral.referrals.lifecycle import ReferralState
from referral.referrals.models import Referral
from referral.referrals.wire import ReferralCancelled
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import stream_name


def cancel_referrals(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """A referral goes with its appointment, and both sides learn of it in their inboxes. Two statements."""
    appointments = [draft.subject for draft in drafts]
    rows = list(Referral.objects.select_for_update().filter(appointment__in=appointments).order_by("id"))
    for row in rows:
        lifecycle.require(ReferralState(row.state), ReferralState.CANCELLED)
        row.state = ReferralState.CANCELLED
    Referral.objects.filter(id__in=[row.id for row in rows]).update(state=ReferralState.CANCELLED)
    return [draft for row in rows for draft in _inboxes(row)]


def _inboxes(row: Referral) -> list[Draft]:
    if row.appointment_id is None:
        return []
    event = ReferralCancelled(referral=row.id, appointment=row.appointment_id)
    return [Draft(stream_name("i", person), event) for person in sorted({row.referrer_id, row.practitioner_id})]
