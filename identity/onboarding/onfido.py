"""Onfido, as far as Relais uses it: an applicant, a run of the workflow, its page in French, its outcome, erasure.

Answers are read leniently, since a status or a field may be new at any time, and decided on strictly
(``lifecycle.verdict``). The library's own models refuse what they do not know, so what it received is read from the
JSON. Source: Onfido's API v3.6. What the workflow is to put out is said in docs/operations.md.

The library is imported when the provider is asked: that takes longer than to import all the rest of Relais, and no
process but the worker asks it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import urllib3
from django.conf import settings

from identity.onboarding.comparison import Seen
from identity.onboarding.lifecycle import LINK_LASTS
from server.kernel import dispatch as dispatcher

CONNECT_SECONDS, READ_SECONDS = 5.0, 15.0
MAX_LINK = 500
USED = ("spouse_name", "widow_name", "alias_name")
"""Names beside the one of birth that a document may bear."""


class ProviderError(Exception):
    """No answer, or none that helps. ``code`` is for the record; ``wait`` seconds are asked for; ``gone``: there is no
    such thing there."""

    def __init__(self, code: str, *, wait: float = 0.0, gone: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.wait = wait
        self.gone = gone


class Answer(NamedTuple):
    """A run as the provider says it is."""

    run: str
    status: str
    link: str = ""
    seen: Seen | None = None


class Onfido:
    """The API of one account."""

    def __init__(self, url: str, token: str, workflow: str) -> None:
        import onfido

        self._workflow = workflow
        configuration = onfido.Configuration(
            api_token=token, timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), retries=0
        )
        configuration.host = url.rstrip("/")
        self._api = onfido.DefaultApi(onfido.ApiClient(configuration))

    def applicant(self, first_name: str, last_name: str, email: str) -> str:
        """Makes an applicant; its id."""
        import onfido

        builder = onfido.ApplicantBuilder(first_name=first_name, last_name=last_name, email=email)
        return _text(self._ask(lambda: self._api.create_applicant_without_preload_content(builder)), "id", "applicant")

    def begin(self, applicant: str, verification: UUID) -> Answer:
        """Starts a run, whose page speaks French and comes back here."""
        import onfido

        back = f"{settings.RELAIS_URL}/verification"
        link = onfido.WorkflowRunLink(
            language="fr_FR",
            completed_redirect_url=back,
            expired_redirect_url=back,
            expires_at=dispatcher.now() + LINK_LASTS,
        )
        builder = onfido.WorkflowRunBuilder(
            applicant_id=_uuid(applicant),
            workflow_id=_uuid(self._workflow),
            link=link,
            customer_user_id=str(verification),
        )
        return self._run(self._ask(lambda: self._api.create_workflow_run_without_preload_content(builder)))

    def look(self, run: str) -> Answer:
        """How a run stands now; once it has ended, with what was read in the document."""
        found = self._run(self._ask(lambda: self._api.find_workflow_run_without_preload_content(_uuid(run))))
        if found.status in {"approved", "declined", "review"} and (found.seen is None or not found.seen.last_name):
            try:
                return found._replace(seen=self._seen_in_tasks(run, found.status) or found.seen)
            except ProviderError as error:
                if not error.gone:  # Without its tasks it is for people to look at; else they are asked for again.
                    raise
        return found

    def erase(self, applicant: str) -> None:
        """Deletes an applicant with everything that belongs to it. One that is gone is as good."""
        try:
            self._ask(lambda: self._api.delete_applicant_without_preload_content(_uuid(applicant)))
        except ProviderError as error:
            if not error.gone:
                raise

    def _run(self, body: Mapping[str, Any]) -> Answer:
        link = body.get("link")
        url = link.get("url") if isinstance(link, Mapping) else None
        status = body.get("status")
        return Answer(
            run=_text(body, "id", "workflow run"),
            # What is not said is not believed to be anything: it is for people to look at.
            status=status if isinstance(status, str) else "",
            link=url if isinstance(url, str) and _is_page(url) else "",
            seen=read_document(body.get("output"), str(status)),
        )

    def _seen_in_tasks(self, run: str, status: str) -> Seen | None:
        """Names from the run's tasks, for a workflow whose output does not have them."""
        listed = self._ask(lambda: self._api.list_tasks_without_preload_content(_uuid(run)))
        for task in listed if isinstance(listed, list) else []:
            name = task.get("id") if isinstance(task, Mapping) else None
            if isinstance(name, str):
                body = self._ask(lambda name=name: self._api.find_task_without_preload_content(_uuid(run), name))
                seen = read_document(body.get("output") if isinstance(body, Mapping) else None, status)
                if seen is not None and seen.last_name:
                    return seen
        return None

    def _ask(self, request: Any) -> Any:
        """One exchange; its JSON, or ``ProviderError``."""
        import onfido

        try:
            response = request()
            status, body = response.status, response.data
        except onfido.ApiException as error:
            raise _refused(error.status or 0, error.headers) from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ProviderError(type(error).__name__) from None
        except ValueError as error:  # What the library refuses to send.
            raise ProviderError("not_sendable") from error
        if not 200 <= status < 300:
            raise _refused(status, response.headers)
        try:
            return json.loads(body) if body else {}
        except ValueError:
            raise ProviderError("not_json") from None


def configured() -> Onfido:
    """The account of the settings."""
    return Onfido(settings.RELAIS_ONFIDO_URL, settings.RELAIS_ONFIDO_TOKEN, settings.RELAIS_ONFIDO_WORKFLOW)


def read_document(output: object, result: str) -> Seen | None:
    """What was read in a document, wherever in a workflow's output it stands; None when nothing like it does."""
    for found in _mappings(output):
        if isinstance(found.get("last_name"), str) and isinstance(found.get("first_name"), str):
            given = [found.get("first_name"), found.get("middle_name")]
            return Seen(
                first_names=" ".join(name for name in given if isinstance(name, str) and name)[:200],
                last_name=str(found["last_name"])[:200],
                used_names=[str(found[name])[:200] for name in USED if found.get(name)],
                birth_date=_short(found, "date_of_birth") or _short(found, "dob"),
                document=_short(found, "document_type"),
                country=_short(found, "issuing_country"),
                expires=_short(found, "date_of_expiry"),
                result=result[:40],
            )
    return None


def is_signed(body: bytes, signature: str | None, token: str) -> bool:
    """Whether a notice comes from the provider: HMAC-SHA256 of the raw bytes, in hex, under the webhook's token."""
    expected = hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), (signature or "").strip().lower().encode())


def read_notice(body: bytes) -> tuple[str, bytes] | None:
    """The run that a notice is about, and what makes this notice the same as another; None for any other notice."""
    try:
        payload = json.loads(body)["payload"]
        about = payload["object"]
        run, action = str(about["id"]), str(payload["action"])
        at = str(about.get("completed_at_iso8601") or about.get("completed_at") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if str(payload.get("resource_type")) != "workflow_run":
        return None
    return run, hashlib.sha256(f"{action}|{run}|{at}|{about.get('status')}".encode()).digest()


def _mappings(value: object, depth: int = 6) -> Iterator[Mapping[str, Any]]:
    if not depth:
        return
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _mappings(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _mappings(inner, depth - 1)


def _short(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value[:40] if isinstance(value, str) else ""


def _text(body: object, name: str, what: str) -> str:
    value = body.get(name) if isinstance(body, Mapping) else None
    if not isinstance(value, str) or not value or len(value) > 60:
        raise ProviderError(f"no_{what.replace(' ', '_')}")
    return value


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ProviderError("not_an_id", gone=True) from None


def _is_page(url: str) -> bool:
    """Whether people may be sent there: by https, on this machine also without it."""
    return len(url) <= MAX_LINK and url.startswith("https://" if settings.RELAIS_PUBLIC else ("https://", "http://"))


def _refused(status: int, headers: Any) -> ProviderError:
    said = (headers or {}).get("Retry-After", "") if hasattr(headers, "get") else ""
    wait = float(said) if str(said).isdigit() and len(str(said)) < 6 else 0.0
    if status == 429:
        return ProviderError("rate_limited", wait=max(wait, 60.0))
    return ProviderError(f"status_{status}", wait=wait, gone=status in (404, 410))
