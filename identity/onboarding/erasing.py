"""Erasing an account (GDPR, article 17), and what is kept all the same.

Gone are: how the person is reached, how they sign in and on what, what they declared and proved, by whom they do not
want to be written to, their inbox, and every membership and level. Kept are their name, their profession and their
number in the register, as author of what they wrote, booked and decided: messages about patients follow the patient's
file (Code de la santé publique, R. 1112-7), and the audit is evidence (article 17(3)(b) and (e)). What they agreed to
is kept as proof that they did.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password

from identity.accounts import access as accounts_access
from identity.accounts.models import Person
from identity.contacts.models import Block, ContactRequest, ContactRule
from identity.onboarding import deciding
from identity.onboarding.internal_commands import ErasePerson
from identity.onboarding.models import MobileCode, RegisterQuestion, Verification
from identity.organisations import memberships
from identity.organisations.models import Arrival, Invitation, Membership, ProfileRequest, Right
from identity.sessions import actions as sessions_actions
from identity.sessions.models import Session
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import Done, stream_name

NO_ADDRESS = "erased.invalid"
"""A domain that reaches nobody (RFC 2606)."""


def erase_person(actor: Actor, command: ErasePerson, tx: Transaction) -> Done:
    """Erases an account; erased again, nothing happens. An organisation that nobody looks after any more can ask a
    moderator for somebody."""
    live = Membership.objects.filter(person=command.person, left_at=None).select_related("organisation", "person")
    drafts = [
        draft
        for row in live.order_by("organisation")
        for draft in memberships.end(actor, row.organisation, row, row.person_id, tx, somebody_stays=False)
    ]
    person = accounts_access.locked(command.person)
    if not person.is_active and person.email.endswith(NO_ADDRESS):
        return Done()
    sessions_actions.end(actor, Session.objects.filter(person=person), tx)
    _erase(person)
    tx.close_person(person.pk)
    tx.record(drafts)
    vault.erase(stream_name("i", person.pk))
    return Done()


def _erase(person: Person) -> None:
    for verification in Verification.objects.filter(person=person):
        vault.erase(deciding.owner(verification.pk))
    for rows in (
        *(Verification.objects.filter(person=person), RegisterQuestion.objects.filter(person=person)),
        *(MobileCode.objects.filter(person=person), ContactRule.objects.filter(person=person)),
        *(Block.objects.filter(person=person), ContactRequest.objects.filter(person=person)),
        *(ContactRequest.objects.filter(asked_by=person), ProfileRequest.objects.filter(person=person)),
        Authenticator.objects.filter(user=person),
        *(Right.objects.filter(person=person), Arrival.objects.filter(person=person)),
    ):
        rows.delete()
    Invitation.objects.filter(email=person.email).update(email=f"{person.pk}@{NO_ADDRESS}")
    Person.objects.filter(pk=person.pk).update(
        email=f"{person.pk}@{NO_ADDRESS}",
        password=make_password(None),
        is_active=False,
        verified_at=None,
        verification_evidence="",
        withdrawn_reason="erased",
        confirm_by=None,
        moderator_since=None,
        # Another account of the same person may have the number; what they wrote keeps it.
        claimed_id=person.national_id or person.claimed_id,
        national_id=None,
        **dict.fromkeys(("address", "postal_code", "city", "practice_mode", "fee_sector", "mobile", "phone"), ""),
        **{name: [] for name in ("languages", "places")},
        mssante="",
        mobile_confirmed_at=None,
        email_confirmed_at=None,
    )
