"""The documents that everybody agrees to before Relais keeps anything of them, and their present versions. Pure."""

from __future__ import annotations

from server.kernel.wire.errors import Invalid

VERSIONS = {"terms": "2026-11", "data_agreement": "2026-11"}
"""By the codes of ``Consent.Document``. Whoever changes the text of one changes its version here."""


def agreed(terms: str, data_agreement: str) -> dict[str, str]:
    """The versions agreed to, by document; ``Invalid`` (``outdated``) for any but the present one: what was agreed to
    is what could be read."""
    given = {"terms": terms, "data_agreement": data_agreement}
    for document, version in given.items():
        if version != VERSIONS[document]:
            raise Invalid(
                f"$.{document}", "Show the present version, and ask again.", why="outdated", version=VERSIONS[document]
            )
    return given
