"""What is fetched before anything is shown: little enough for a phone on a slow line."""

from __future__ import annotations

import gzip
import re

from tests.relais_process import ROOT

DIST = ROOT / "clients/web/dist"
MOST_BYTES = 60_000


def test_the_scripts_of_the_first_screen_stay_small_however_many_features_there_are() -> None:
    page = (DIST / "index.html").read_text()
    scripts = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', page)
    sizes = {path: len(gzip.compress((DIST / path).read_bytes(), mtime=0)) for path in scripts}
    assert len(sizes) > 1
    assert sum(sizes.values()) <= MOST_BYTES, sizes
