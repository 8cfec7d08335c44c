"""People for processes that a test starts: `python -m tests.make_people COUNT` prints them as JSON."""

import argparse
import json
from datetime import UTC, datetime
from uuid import UUID

import django
from django.core.management import call_command


def colleagues(people: list[UUID]) -> None:
    """Makes them members of one organisation, so that none of them need accept the groups of the others, nor of those
    who were made before."""
    from identity.organisations.models import Membership, Organisation

    now = datetime.now(UTC)
    organisation, _ = Organisation.objects.get_or_create(
        id=UUID(int=1), defaults={"name": "CPTS", "kind": "cpts", "created_at": now}
    )
    Membership.objects.bulk_create(
        Membership(organisation=organisation, person_id=one, function="practitioner", joined_at=now) for one in people
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--migrate", action="store_true", help="make the tables first")
    parser.add_argument("--unverified", action="store_true")
    parser.add_argument("--password", help="for everybody; without it nobody signs in by password")
    options = parser.parse_args()
    django.setup()
    if options.migrate:
        call_command("migrate", verbosity=0)
    from django.contrib.auth.hashers import make_password

    from identity.accounts.models import Person
    from server import registry
    from tests.factories import account

    registry.install()
    made = [account(verified=not options.unverified) for _ in range(options.count)]
    colleagues([one.id for one in made])
    if options.password:
        Person.objects.filter(pk__in=[one.id for one in made]).update(password=make_password(options.password))
    emails = dict(Person.objects.values_list("pk", "email"))
    print(json.dumps([{"id": str(one.id), "email": emails[one.id], "token": one.token} for one in made]))


if __name__ == "__main__":
    main()
