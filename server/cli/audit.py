"""`relais audit`: the record of who did what."""

from argparse import Namespace

from server.cli.terminal import print_json
from server.ops import local


def verify_audit(arguments: Namespace) -> int:
    with local.django_with_services(arguments.data):
        from server.kernel import audit

        report = audit.verify()
    if arguments.json:
        print_json(report)
    else:
        print("\n".join(report.broken) or "The record is whole.")
    return 1 if report.broken else 0
