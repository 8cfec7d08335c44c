"""Handing a patient on: agendas, slots, appointments, referrals, and what the patient is told."""
