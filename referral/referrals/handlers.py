"""What becomes of a referral when something happens to its appointment."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from referral.referrals import access, lifecycle
from referral.referrals.lifecycle import ReferralState
from referral.referrals.models import Referral
from referral.referrals.wire import ReferralCancelled, ReferralFilesChecked, ReferralNotice
from referral.scheduling.wire import AppointmentNotice
from server.kernel.dispatch import Transaction
from server.kernel.streams import Draft
from server.kernel.wire import Event, stream_name
from team.files.models import Holding
from team.files.wire import FileChanged


def cancel_referrals(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """A referral goes with its appointment, and both sides learn of it in their inboxes. Two statements."""
    appointments = [draft.subject for draft in drafts]
    rows = list(Referral.objects.select_for_update().filter(appointment__in=appointments).order_by("id"))
    for row in rows:
        lifecycle.require(ReferralState(row.state), ReferralState.CANCELLED)
        row.state = ReferralState.CANCELLED
    Referral.objects.filter(id__in=[row.id for row in rows]).update(state=ReferralState.CANCELLED)
    return [draft for row in rows for draft in _cancelled(row)]


def tell_of_notices(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """Both sides learn what became of a message to the patient. One statement."""
    notices = [draft.event for draft in drafts if isinstance(draft.event, AppointmentNotice)]
    found = Referral.objects.filter(appointment__in={notice.appointment for notice in notices})
    rows = {row.appointment_id: row for row in found}
    return [
        draft
        for notice in notices
        if (row := rows.get(notice.appointment)) is not None
        for draft in _inboxes(row, ReferralNotice(referral=row.id, **msgspec.structs.asdict(notice)))
    ]


def tell_of_checked_documents(drafts: Sequence[Draft], tx: Transaction) -> list[Draft]:
    """Both sides learn that a document of a referral was checked: it may be sent while that goes on. One statement."""
    files = [draft.event.file.id for draft in drafts if isinstance(draft.event, FileChanged)]
    held = Holding.objects.filter(file__in=files, kind=access.REFERRAL_FILES).values("subject")
    rows = Referral.objects.filter(pk__in=held).order_by("pk")
    return [draft for row in rows for draft in _inboxes(row, ReferralFilesChecked(referral=row.id))]


def _cancelled(row: Referral) -> list[Draft]:
    if row.appointment_id is None:
        return []
    return _inboxes(row, ReferralCancelled(referral=row.id, appointment=row.appointment_id))


def _inboxes(row: Referral, event: Event) -> list[Draft]:
    return [Draft(stream_name("i", person), event) for person in sorted({row.referrer_id, row.practitioner_id})]
