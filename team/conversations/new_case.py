"""The question with which a case is opened."""

from __future__ import annotations

from uuid import UUID

import msgspec

from identity.patients import access as patients_access
from identity.patients.queries import patient_views
from server.kernel import vault
from server.kernel.authentication import Actor
from server.kernel.dispatch import Transaction
from server.kernel.wire import stream_name
from server.kernel.wire.errors import Invalid, NotFound
from team.conversations.models import Case
from team.conversations.wire_case_views import CasePatient, CasePatientView, NewCase


def create(actor: Actor, conversation: UUID, wanted: NewCase, tx: Transaction) -> None:
    """Writes the case of a conversation that is being opened: the caller asks.

    ``not_found`` where the patient's record is not open to the caller. Who is shown is kept as it is now, under the
    conversation's key: the record itself opens to nobody by this.
    """
    patient = None if wanted.patient is None else _shown(actor, wanted.patient, tx)
    sealing = vault.key_for_sealing(stream_name("c", conversation))
    Case.objects.create(
        conversation_id=conversation,
        urgency=wanted.urgency,
        sealed_question=sealing.seal(wanted.question.encode(), "question"),
        patient_id=patient.id if patient else None,
        sealed_patient=sealing.seal(msgspec.json.encode(patient), "case.patient") if patient else b"",
        informed=wanted.informed or "",
        asker_id=actor.person,
    )


def _shown(actor: Actor, named: CasePatient, tx: Transaction) -> CasePatientView:
    if (named.id is None) == (named.initials is None):
        raise Invalid("$.params.case.patient", "Name the patient by their record, or by initials alone.")
    if named.id is None:
        return CasePatientView(initials=named.initials)
    found = patient_views([patients_access.patient(actor, named.id)]).get(named.id)
    if found is None:
        raise NotFound
    tx.audit(actor, "patient.read", about=[named.id], by="case")
    return CasePatientView(
        id=named.id,
        civility=found.civility,
        family_name=found.family_name,
        first_names=found.first_names,
        birth_name=found.birth_name,
        birth_date=found.birth_date,
    )
