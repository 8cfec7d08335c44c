"""The client of the makers of tus, which knows nothing of Relais."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.stand_ins.openid_provider import PLACE, node

SECONDS = 120.0


def send(**settings: Any) -> dict[str, Any] | None:
    """Sends a file as ``tus.mjs`` is told; what it did, or None when it ended in the middle as it was told to."""
    command = [node(), str(PLACE / "tus.mjs"), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode == 3:
        return None
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
