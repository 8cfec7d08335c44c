"""`relais wire`: writes the protocol's references and the clients' types."""

from argparse import Namespace

from server.cli.terminal import ROOT
from server.ops import local


def wire(arguments: Namespace) -> int:
    local.django_only()
    from server import codegen

    changed = codegen.stale(ROOT) if arguments.check else codegen.write(ROOT)
    for path in changed:
        print(f"{'stale' if arguments.check else 'written'}: {path.relative_to(ROOT)}")
    return 1 if arguments.check and changed else 0
