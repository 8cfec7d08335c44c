"""How much there may be of what an agenda is made of. Pure.

Every question about agendas is answered in a time that these bounds bound, whoever set the agendas up.
"""

from __future__ import annotations

from datetime import date

AGENDAS = 50
"""Open agendas of one practitioner."""
LEAST_STEP = 5
"""Minutes from one slot to the next, at least, and the shortest visit: it bounds how many slots a day can have."""
OPENINGS_A_DAY = 24
"""Openings of one agenda on one weekday, or on one day, that are not over."""
HOURS_A_DAY = 96
"""What these openings may last together: they may overlap, as when hours change with the season."""
ABSENCES = 400
"""Absences of one agenda that are not over."""
RIGHTS = 200
"""People who were given a level on one agenda."""
INSTRUCTIONS = 20_000
"""Characters of the instructions of all visit reasons of one agenda."""
SLOTS = 1_000
"""Free slots in one answer, unless a single day has more."""
AGENDA_DAYS = 1_000
"""Days that one question for slots looks at, counted for each agenda."""
EARLIEST, LATEST = 2000, 2200
"""Years within which days and instants are meant seriously, and can be calculated with: the latter is excluded."""
FIRST_DAY, LAST_DAY = date(EARLIEST, 1, 1), date(LATEST - 1, 12, 31)
