"""`relais vault`: the keys that encrypt stored data."""

import base64
import os
import secrets
from argparse import Namespace
from pathlib import Path

from server.cli.terminal import Bar, CommandError
from server.ops import local
from server.ops.datadir import open_directory


def rotate(arguments: Namespace) -> int:
    if arguments.new_key:
        _add_master_key(arguments.data)
    with local.django_with_services(arguments.data):
        from server.kernel import vault

        bar = Bar()
        count = vault.rotate(lambda done, total: bar.show("wrap", done, total))
        bar.end()
    print(f"{count} data keys wrapped with the newest master key.")
    return 0


def _add_master_key(path: Path) -> None:
    """Put a new master key before the others. Running processes would not know it, so none may be running."""
    data = open_directory(path)
    with data.held("once"):
        if os.environ.get("RELAIS_MASTER_KEY"):
            raise CommandError("The master key is in RELAIS_MASTER_KEY: put a new one before it there, then rotate.")
        file = Path(os.environ.get("RELAIS_MASTER_KEY_FILE") or data.secret("master-key", 32))
        fresh = file.with_name(f"{file.name}.new")
        fresh.touch(mode=0o600)
        fresh.write_text(f"{base64.b64encode(secrets.token_bytes(32)).decode()}\n{file.read_text()}")
        fresh.replace(file)
