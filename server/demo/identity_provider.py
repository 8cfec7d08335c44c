"""An identity provider that is played: the part of Onfido's API that Relais uses, whose outcomes somebody chooses.

Pure: what is kept stands in the mapping that it is given. The demo keeps it in the cache and shows pages for it
(``pages``); tests serve it by HTTP with every kind of failure (tests/stand_ins/onfido.py).
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple, Protocol
from uuid import uuid4


class Store(Protocol):
    """What is kept by name: a dictionary, or what several processes share."""

    def get(self, name: str, /) -> Any:
        """What is kept under a name, or None."""

    def __setitem__(self, name: str, value: Any, /) -> None:
        """Keeps a value."""

    def __delitem__(self, name: str, /) -> None:
        """Forgets a name that is kept."""


STATUSES = (
    *("processing", "awaiting_input", "awaiting_client_input", "approved", "declined", "review", "abandoned"),
    "error",
)
NOT_FOUND = {"error": {"type": "resource_not_found", "message": "There is no such resource."}}


class Answered(NamedTuple):
    """Status and body of an answer."""

    status: int
    body: Any = None


class IdentityProvider:
    """``page`` is where a run's page is; the run's id is added to it."""

    def __init__(self, store: Store, page: str) -> None:
        self._store = store
        self._page = page

    def answer(self, method: str, path: str, body: bytes) -> Answered:
        """Answers one request of the API; ``path`` begins after its version."""
        sent = json.loads(body) if body else {}
        match [method, *path.strip("/").split("/")]:
            case ["POST", "applicants"]:
                return self._make_applicant(sent)
            case ["DELETE", "applicants", applicant]:
                return self._delete_applicant(applicant)
            case ["POST", "workflow_runs"]:
                return self._begin(sent)
            case ["GET", "workflow_runs", run]:
                found = self._store.get(f"run:{run}")
                return Answered(200, found) if found else Answered(404, NOT_FOUND)
            case ["GET", "workflow_runs", run, "tasks"]:
                return Answered(200, []) if self._store.get(f"run:{run}") else Answered(404, NOT_FOUND)
        return Answered(404, NOT_FOUND)

    def run(self, run: str) -> dict[str, Any] | None:
        """A run as the API shows it."""
        found: dict[str, Any] | None = self._store.get(f"run:{run}")
        return found

    def applicant(self, applicant: str) -> dict[str, Any] | None:
        """Whom a run is about; None once erased."""
        found: dict[str, Any] | None = self._store.get(f"applicant:{applicant}")
        return found

    def end(self, run: str, status: str, **document: str) -> None:
        """Ends a run, with what was read in the document."""
        found: dict[str, Any] = dict(self._store.get(f"run:{run}"))
        found |= {"status": status, "output": {"document": document} if document else {}}
        self._store[f"run:{run}"] = found

    def _make_applicant(self, sent: dict[str, Any]) -> Answered:
        if not sent.get("first_name") or not sent.get("last_name"):
            error = {"type": "validation_error", "message": "A name is missing.", "fields": {"last_name": ["blank"]}}
            return Answered(422, {"error": error})
        made = {"id": str(uuid4()), **sent}
        self._store[f"applicant:{made['id']}"] = made
        return Answered(201, made)

    def _delete_applicant(self, applicant: str) -> Answered:
        if self._store.get(f"applicant:{applicant}") is None:
            return Answered(404, NOT_FOUND)
        del self._store[f"applicant:{applicant}"]
        return Answered(204)

    def _begin(self, sent: dict[str, Any]) -> Answered:
        if self._store.get(f"applicant:{sent.get('applicant_id')}") is None:
            return Answered(422, {"error": {"type": "validation_error", "message": "There is no such applicant."}})
        run = str(uuid4())
        made: dict[str, Any] = {
            **{name: sent[name] for name in ("applicant_id", "workflow_id", "customer_user_id") if name in sent},
            "id": run,
            "status": "awaiting_input",
            "link": {**sent.get("link", {}), "url": f"{self._page}{run}"},
        }
        self._store[f"run:{run}"] = made
        return Answered(201, made)
