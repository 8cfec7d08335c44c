"""People for processes that a test starts: `python -m tests.make_people COUNT` prints them as JSON."""

import argparse
import json

import django
from django.core.management import call_command


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
    if options.password:
        Person.objects.filter(pk__in=[one.id for one in made]).update(password=make_password(options.password))
    emails = dict(Person.objects.values_list("pk", "email"))
    print(json.dumps([{"id": str(one.id), "email": emails[one.id], "token": one.token} for one in made]))


if __name__ == "__main__":
    main()
