"""What patients are told about their appointments: which notices there are, when they are due, and their words.

This room knows an appointment by its id alone. Whoever knows the rest resolves it when a notice is handed over
(``referral.scheduling.notice_delivery``).
"""
