"""What it costs to compare all accounts with the register: set against set, in transactions of some thousands.

    python -m tests.bench.accounts

400,000 verified accounts and a register of as many entries, of which one in a hundred has gone, on a PostgreSQL of its
own with its usual durability. The first comparison asks 4,000 people to confirm, the second finds nothing new, and the
third, 16 days later, withdraws all of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

from tests.bench.deployment import installed

Figures = dict[str, Any]
PEOPLE = 400_000
GONE = 100
"""One in so many has left the register."""


PART = 20_000
ACCOUNTS = (
    "INSERT INTO identity_person (id, password, email, first_name, last_name, title, function, profession,"
    " speciality, national_id, verified_at, verification_method, verification_evidence, withdrawn_reason,"
    " is_active, created_at, email_confirmed_at, address, postal_code, city, practice_mode, fee_sector,"
    " language, languages, mobile, mobile_shown, phone, mssante, places, lock_desk, lock_phone)"
    " SELECT gen_random_uuid(), '', 'p' || n || '@exemple.fr', 'Ada', 'Essai', '', 'practitioner', 'Médecin',"
    " '', '8' || lpad(n::text, 11, '0'), now(), 'psc', '', '', true, now(), now(), '', '', '', '', '', 'fr',"
    " '{}', '', false, '', '', '[]', 5, 0 FROM generate_series(%s::int, %s::int) n"
)
ENTRIES = (
    "INSERT INTO register_entry (id, national_id, source, title, last_name, first_name, profession,"
    " profession_label, speciality, digest) SELECT gen_random_uuid(), '8' || lpad(n::text, 11, '0'), 'extract',"
    " '', 'ESSAI', 'ADA', '10', 'Médecin', '', 0 FROM generate_series(%s::int, %s::int) n WHERE n %% %s::int <> 0"
)


def run(people: int = PEOPLE) -> Figures:
    """The figures, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.accounts", "--people", str(people)]
    figures: Figures = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return figures


def measure(people: int) -> Figures:
    with installed():
        from datetime import timedelta

        from server import registry
        from server.kernel import dispatch

        registry.install()
        _fill(people)
        figures: Figures = {"people": people}
        figures["first"] = _compared()
        figures["again"] = _compared()
        really = dispatch.now
        dispatch.now = lambda: really() + timedelta(days=16)
        figures["withdrawn"] = _compared()
        return figures


def _compared() -> Figures:
    from identity.onboarding.register_comparison import compare_all

    started = time.perf_counter()
    found = compare_all()
    seconds = round(time.perf_counter() - started, 2)
    return {"seconds": seconds, "absent": found.absent, "withdrawn": found.withdrawn, "looked_at": found.looked_at}


def _fill(people: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for first in range(1, people + 1, PART):
            part = (first, min(first + PART - 1, people))
            cursor.execute(ACCOUNTS, part)
            cursor.execute(ENTRIES, (*part, GONE))
        cursor.execute("INSERT INTO register_import (finished_at, report) VALUES (now(), '{}')")
        cursor.execute("ANALYZE identity_person")
        cursor.execute("ANALYZE register_entry")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=PEOPLE)
    print(json.dumps(measure(parser.parse_args().people)))
