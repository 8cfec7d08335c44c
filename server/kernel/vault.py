"""Encryption at rest: one data key for each owner, wrapped by a master key that never touches the database.

An owner is named like a stream (``c:<uuid>`` for a conversation). What is sealed is AES-256-GCM with a random
nonce; the owner and a context (such as the row's id) are authenticated with it, so that a ciphertext copied to
another row or another conversation does not open. Deleting an owner's key makes everything of that owner
unreadable. Random nonces are safe to about 2^32 messages under one key (NIST SP 800-38D, 8.3).

The master keys come from the settings, the newest first. ``rotate`` wraps every data key anew with the newest.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from django.db import connection, transaction

from server.kernel.bulk_insert import insert_values
from server.kernel.models import DataKey
from server.kernel.pg_arrays import texts
from server.kernel.statements import Statement

log = logging.getLogger("kernel.vault")

FORMAT = b"\x01"
NONCE = 12
INDEX_OWNER = "x:index"
"""Whose key blinds digests: they must stay the same when master keys are rotated."""

_KEPT = 50_000
_KEPT_SECONDS = 600.0


class Unreadable(Exception):
    """What was sealed does not open: its key was erased, or the bytes are not what was sealed here."""


class Damaged(Unreadable):
    """A stored data key is not what was wrapped here."""


class Key:
    """The data key of one owner, ready to seal and to open."""

    __slots__ = ("_cipher", "_keyed", "_secret", "owner")

    def __init__(self, owner: str, secret: bytes) -> None:
        self.owner = owner
        self._secret = secret
        self._keyed: HMAC | None = None
        self._cipher = AESGCM(secret)

    def seal(self, plain: bytes, context: str) -> bytes:
        """``plain``, readable only with this key and for this ``context``."""
        nonce = os.urandom(NONCE)
        return FORMAT + nonce + self._cipher.encrypt(nonce, plain, f"{self.owner}|{context}".encode())

    def open(self, sealed: bytes | memoryview, context: str) -> bytes:
        """What was sealed for this owner and ``context``; ``Unreadable`` when it is anything else."""
        raw = bytes(sealed)
        if raw[:1] != FORMAT:
            raise Unreadable(f"sealed for {self.owner} in an unknown format")
        try:
            return self._cipher.decrypt(raw[1 : 1 + NONCE], raw[1 + NONCE :], f"{self.owner}|{context}".encode())
        except (InvalidTag, ValueError):
            raise Unreadable(f"not sealed for {self.owner} and this context") from None

    def blind(self, text: bytes) -> bytes:
        """A keyed digest of 32 bytes: equal texts are found again, and nothing is learnt without the key."""
        if self._keyed is None:
            self._keyed = HMAC(self._secret, SHA256())
        digest = self._keyed.copy()  # To begin with the key again costs more than a short text.
        digest.update(text)
        return digest.finalize()


class _KeyCache:
    """Unwrapped keys of this process, for ten minutes: an erased key is then gone from every process."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, tuple[float, Key]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, owners: Iterable[str]) -> dict[str, Key]:
        """Those of these keys that are here."""
        now = time.monotonic()
        with self._lock:
            kept = [(owner, self._keys.get(owner)) for owner in owners]
        return {owner: found[1] for owner, found in kept if found and found[0] > now}

    def one(self, owner: str) -> Key | None:
        """This key, if it is here."""
        with self._lock:
            found = self._keys.get(owner)
        return found[1] if found and found[0] > time.monotonic() else None

    def put(self, keys: Iterable[Key]) -> None:
        until = time.monotonic() + _KEPT_SECONDS
        with self._lock:
            for key in keys:
                self._keys[key.owner] = (until, key)
                self._keys.move_to_end(key.owner)
            while len(self._keys) > _KEPT:
                self._keys.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._keys.clear()


_kept = _KeyCache()


def clear_cache() -> None:
    """Drops every unwrapped key of this process."""
    _kept.clear()


def _master_keys() -> dict[str, bytes]:
    return {hashlib.sha256(key).hexdigest()[:16]: key for key in settings.RELAIS_MASTER_KEYS}


def _wrap(secret: bytes, owner: str, master: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(master).encrypt(nonce, secret, owner.encode())


def _unwrap(owner: str, wrapped: bytes, master: bytes | None, name: str) -> bytes:
    if master is None:
        raise Unreadable(f"the data key of {owner} is wrapped by master key {name}, which is not configured")
    try:
        return AESGCM(master).decrypt(wrapped[:NONCE], wrapped[NONCE:], owner.encode())
    except (InvalidTag, ValueError):
        raise Damaged(f"the data key of {owner} is damaged") from None


def keys_for_sealing(owners: Iterable[str]) -> dict[str, Key]:
    """The keys of ``owners``, made for those that have none. One query when all are known, none when all are cached.

    A key read or made in a transaction is cached only once that is committed: it may have been made by this very
    transaction, and what is sealed with a key that was rolled back would be lost.
    """
    found, missing = _cached(owners)
    if missing:
        loaded = _stored(missing)
        absent = [owner for owner in missing if owner not in loaded]
        if absent:
            _create(absent)
            # Somebody else may have made one at the same moment: what is stored is the key.
            loaded.update(_stored(absent))
        transaction.on_commit(lambda: _kept.put(loaded.values()))
        found.update(loaded)
    return found


def key_for_sealing(owner: str) -> Key:
    """The key of one owner, made if there is none."""
    return keys_for_sealing((owner,))[owner]


class ReadingKeys:
    """The keys there are of some owners, to read with. Reading never makes a key."""

    __slots__ = ("_keys",)

    def __init__(self, keys: dict[str, Key]) -> None:
        self._keys = keys

    def __contains__(self, owner: str) -> bool:
        return owner in self._keys

    def get(self, owner: str) -> Key | None:
        """The key of one owner, if it has one: for what is opened piece by piece."""
        return self._keys.get(owner)

    def open(self, owner: str, sealed: bytes | memoryview, context: str) -> bytes | None:
        """What was sealed for ``owner`` and ``context``. None when its key is gone, or the bytes are damaged: whoever
        reads a list shows a tombstone in its place, and the rest of the list as it is."""
        key = self._keys.get(owner)
        if key is None:
            return None
        try:
            return key.open(sealed, context)
        except Unreadable:
            log.error("sealed data does not open", extra={"fields": {"owner": owner, "context": context}})
            return None


def keys_for_reading(owners: Iterable[str]) -> ReadingKeys:
    """The keys of those of ``owners`` that have one that opens. One query at most.

    A master key that is not configured is no erasure but a fault of the deployment, and raises: clients must not be
    told that something is gone because the server was started with the wrong settings.
    """
    return ask_keys_for_reading(owners)()


def ask_keys_for_reading(owners: Iterable[str]) -> Callable[[], ReadingKeys]:
    """``keys_for_reading``, for which the function returned waits."""
    found, missing = _cached(owners)
    if not missing:
        return lambda: ReadingKeys(found)
    fetch = _ask_stored(missing, skip_damaged=True)

    def keys() -> ReadingKeys:
        loaded = fetch()
        transaction.on_commit(lambda: _kept.put(loaded.values()))
        return ReadingKeys(found | loaded)

    return keys


def _cached(owners: Iterable[str]) -> tuple[dict[str, Key], list[str]]:
    """The keys at hand, and the owners whose keys are not."""
    wanted = set(owners)
    found = _kept.get(wanted)
    return found, sorted(wanted - found.keys())


_STORED = Statement("SELECT owner, wrapped, master FROM kernel_datakey WHERE owner = ANY(%b::text[])")


def _stored(owners: list[str], *, skip_damaged: bool = False) -> dict[str, Key]:
    """The stored keys of these owners; with ``skip_damaged`` those that do not unwrap are left out."""
    return _ask_stored(owners, skip_damaged=skip_damaged)()


def _ask_stored(owners: list[str], *, skip_damaged: bool) -> Callable[[], dict[str, Key]]:
    rows = _STORED.send(texts(owners))

    def fetch() -> dict[str, Key]:
        keys: dict[str, Key] = {}
        masters = _master_keys()
        for owner, wrapped, master in rows():
            try:
                keys[owner] = Key(owner, _unwrap(owner, bytes(wrapped), masters.get(master), master))
            except Damaged:
                if not skip_damaged:
                    raise
                log.error("data key does not open", extra={"fields": {"owner": owner}})
        return keys

    return fetch


def _create(owners: list[str]) -> None:
    name, master = next(iter(_master_keys().items()))
    rows = [(owner, _wrap(AESGCM.generate_key(256), owner, master), name) for owner in owners]
    insert_values(DataKey, ("owner", "wrapped", "master"), rows, ignore_conflicts=True)


def keyed_digest(text: bytes) -> bytes:
    """A keyed digest for comparing without knowing: requests with one id, patients with one name."""
    return (_kept.one(INDEX_OWNER) or key_for_sealing(INDEX_OWNER)).blind(text)


def erase(owner: str) -> None:
    """Deletes the key of ``owner``: nothing sealed with it opens again, here at once and elsewhere in ten minutes."""
    DataKey.objects.filter(owner=owner).delete()
    _kept.clear()
    transaction.on_commit(_kept.clear)


def rotate(progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Wraps every data key with the newest master key; returns how many were wrapped anew.

    Safe to interrupt and to run again. The old master key may leave the settings once this has finished.
    """
    name, master = next(iter(_master_keys().items()))
    stale = DataKey.objects.exclude(master=name)
    total, done = stale.count(), 0
    while True:
        with transaction.atomic():
            rows = list(stale.select_for_update(skip_locked=True).order_by("owner")[:500])
            if not rows:
                return done
            masters = _master_keys()
            for row in rows:
                secret = _unwrap(row.owner, bytes(row.wrapped), masters.get(row.master), row.master)
                row.wrapped, row.master = _wrap(secret, row.owner, master), name
            DataKey.objects.bulk_update(rows, ["wrapped", "master"])
        done += len(rows)
        progress(done, total)


def is_ready() -> bool:
    """Whether the configured master keys open what is stored: a wrong key is found before anything is written."""
    if "kernel_datakey" not in connection.introspection.table_names():
        return True
    names = set(DataKey.objects.values_list("master", flat=True).distinct())
    return names <= set(_master_keys())
