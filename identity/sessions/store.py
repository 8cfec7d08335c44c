"""Django's session engine, and what is kept of the keys by which browsers and programs say who they are.

No key is ever kept: a row holds the SHA-256 digest of the cookie's key or of the bearer token. Both hold at least
160 bits of chance, so nobody can try them all and the digest needs neither salt nor a slow hash.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from identity.accounts.access import acting
from identity.sessions.models import Session
from identity.sessions.wire import EndSession
from server.kernel import clock
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7

IDLE_TIMEOUT = timedelta(days=14)
"""A key that nobody shows for so long is refused: a device left in a drawer is not a way in."""
LAST_SEEN_RESOLUTION = timedelta(minutes=5)
"""How exact ``last_seen_at`` is: showing a key more often costs no write."""
LABEL = "label"
"""In a session's data: the device, as its owner will recognise it."""


def digest(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()


class HowOpened(NamedTuple):
    """How a session was opened, by the names of its columns: by what, with two factors or one, and by which subject and
    session of an identity provider."""

    opened_by: str
    strong: bool
    provider_subject: str = ""
    provider_session: str = ""


class SessionStore(SessionBase):
    """A browser's session. An ended, expired or idle one is as good as none, and its key is never used again."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.confirmed_at: datetime | None = None
        self.is_strong = False
        self._noted: dict[str, Any] = {}

    if TYPE_CHECKING:  # Django's stubs leave out what an engine is built from

        def _get_session(self, no_load: bool = False) -> dict[str, Any]: ...

        def _get_new_session_key(self) -> str: ...

    def _rows(self, key: str | None) -> QuerySet[Session]:
        now = clock.now()
        return Session.objects.filter(
            key_digest=digest(key or ""),
            kind=Session.Kind.BROWSER,
            ended_at=None,
            expires_at__gt=now,
            last_seen_at__gt=now - IDLE_TIMEOUT,
        )

    def note_opened(self, how: HowOpened) -> None:
        """Says, with the next ``save``, how this session was opened: its person has just proved who they are."""
        self._noted |= how._asdict()
        self.is_strong = how.strong
        self.note_confirmed()

    def note_strong(self) -> None:
        """Says, with the next ``save``, that its person has shown a second factor."""
        self._noted["strong"] = self.is_strong = self.modified = True

    def note_confirmed(self) -> None:
        """Says, with the next ``save``, that its person has just proved again that it is them."""
        self.confirmed_at = self._noted["confirmed_at"] = clock.now()
        self.modified = True

    def load(self) -> dict[str, Any]:
        row = self._rows(self.session_key).first()
        if row is None:
            self._session_key = None
            return {}
        now = clock.now()
        if row.last_seen_at < now - LAST_SEEN_RESOLUTION:
            Session.objects.filter(pk=row.pk).update(last_seen_at=now)
        self.confirmed_at, self.is_strong = row.confirmed_at, row.strong
        return self.decode(row.data)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key_digest=digest(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)
        now = clock.now()
        kept = {
            "data": self.encode(data),
            "person_id": data.get(SESSION_KEY),
            "label": data.get(LABEL, ""),
            "last_seen_at": now,
            **self._noted,
        }
        if not must_create:
            if not self._rows(self.session_key).update(**kept):
                raise UpdateError
            return None
        try:
            with transaction.atomic():
                Session.objects.create(
                    id=uuid7(),
                    kind=Session.Kind.BROWSER,
                    key_digest=digest(self.session_key),
                    created_at=now,
                    expires_at=now + timedelta(seconds=settings.SESSION_COOKIE_AGE),
                    **kept,
                )
        except IntegrityError as error:
            raise CreateError from error
        return None

    def cycle_key(self) -> None:
        """The same session under a new key, for as long as a new one: its sockets stay open."""
        self._get_session()
        old = self.session_key
        if old is None:
            return self.create()
        self._session_key = self._get_new_session_key()
        now = clock.now()
        self._rows(old).update(
            key_digest=digest(self._session_key or ""),
            created_at=now,
            expires_at=now + timedelta(seconds=settings.SESSION_COOKIE_AGE),
        )
        self.modified = True
        return None

    def delete(self, session_key: str | None = None) -> None:
        """Ends the session and closes its sockets. A signed-in session keeps its row, for the audit; an anonymous one
        is deleted."""
        row = self._rows(session_key or self.session_key).select_related("person").first()
        if row is None:
            return
        if row.person is None:
            row.delete()
        else:
            # Without the session, so that who is suspended can sign out too.
            dispatch(acting(row.person), EndSession(session=row.id))

    @staticmethod
    def of(request: HttpRequest) -> SessionStore:
        """The session of a request."""
        return cast(SessionStore, request.session)

    @classmethod
    def clear_expired(cls) -> None:
        """Forgets browsers that never signed in; what somebody's session was is kept."""
        Session.objects.filter(person=None, expires_at__lte=clock.now()).delete()
