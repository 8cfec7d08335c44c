"""Encryption at rest: who can open what, what a rollback leaves, and what stands in the tables."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from server.kernel import vault
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.models import DataKey, StreamEvent
from server.kernel.outcomes import InternalError
from server.kernel.vault import Key, Unreadable
from server.kernel.wire import Command
from server.kernel.wire.handshake import Sync
from team.conversations.models import Message
from team.conversations.wire import UpdateConversation
from team.messages.wire import GetHistory, ReadMessages, SendMessage, Typing
from tests.factories import account, group

OLD, NEW, WRONG = (bytes([number]) * 32 for number in (1, 2, 3))


@pytest.fixture
def master(settings: Settings) -> Iterator[Settings]:
    """Settings with a master key of this test's own; what was unwrapped with it is forgotten afterwards."""
    settings.RELAIS_MASTER_KEYS = [OLD]
    yield settings
    vault.clear_cache()


@given(st.binary(max_size=300), st.text(max_size=20))
def test_what_is_sealed_opens_as_it_was(plain: bytes, context: str) -> None:
    key = Key("c:one", OLD)
    assert key.open(key.seal(plain, context), context) == plain


def test_the_same_text_is_sealed_differently_each_time() -> None:
    key = Key("c:one", OLD)
    assert key.seal(b"plain", "1") != key.seal(b"plain", "1")


def test_another_owner_or_another_row_does_not_open_it() -> None:
    sealed = Key("c:one", OLD).seal(b"plain", "7")
    for key, context in ((Key("c:two", OLD), "7"), (Key("c:one", OLD), "8"), (Key("c:one", NEW), "7")):
        with pytest.raises(Unreadable):
            key.open(sealed, context)


def test_owner_and_context_cannot_be_shifted_into_one_another() -> None:
    with pytest.raises(Unreadable):
        Key("c:1", OLD).open(Key("c:12", OLD).seal(b"plain", "3"), "23")


def test_every_changed_byte_and_every_cut_shows() -> None:
    key = Key("c:one", OLD)
    sealed = key.seal(b"plain", "7")
    for place in range(len(sealed)):
        with pytest.raises(Unreadable):
            key.open(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], "7")
        with pytest.raises(Unreadable):
            key.open(sealed[:place], "7")


@pytest.mark.django_db
def test_a_key_is_stored_wrapped_and_bound_to_its_owner(master: Settings) -> None:
    secret = vault.key_for_sealing("c:one").seal(b"plain", "7")
    vault.key_for_sealing("c:two")
    one, two = DataKey.objects.get(owner="c:one"), DataKey.objects.get(owner="c:two")
    assert OLD not in bytes(one.wrapped)
    DataKey.objects.filter(owner="c:two").update(wrapped=one.wrapped)
    vault.clear_cache()
    assert vault.key_for_sealing("c:one").open(secret, "7") == b"plain"
    with pytest.raises(Unreadable):
        vault.key_for_sealing("c:two")
    DataKey.objects.filter(owner="c:one").update(wrapped=two.wrapped)
    vault.clear_cache()
    with pytest.raises(Unreadable):
        vault.key_for_sealing("c:one")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times_asked", [1, 2, 3])
def test_a_key_that_was_rolled_back_is_never_used(times_asked: int) -> None:
    with transaction.atomic():
        for _ in range(times_asked):
            vault.key_for_sealing("c:one")
        transaction.set_rollback(True)
    sealed = vault.key_for_sealing("c:one").seal(b"plain", "7")
    vault.clear_cache()
    assert vault.key_for_sealing("c:one").open(sealed, "7") == b"plain"


@pytest.mark.django_db
def test_reading_makes_no_key_and_opens_what_there_is(master: Settings) -> None:
    sealed = vault.key_for_sealing("c:one").seal(b"plain", "7")
    vault.clear_cache()
    keys = vault.keys_for_reading(["c:one", "c:two"])
    assert ("c:one" in keys, "c:two" in keys) == (True, False)
    assert keys.open("c:one", sealed, "7") == b"plain"
    assert keys.open("c:one", sealed, "8") is None
    assert keys.open("c:two", sealed, "7") is None
    assert list(DataKey.objects.values_list("owner", flat=True)) == ["c:one"]


@pytest.mark.django_db
def test_a_damaged_key_leaves_the_others(master: Settings) -> None:
    sealed = {owner: vault.key_for_sealing(owner).seal(b"plain", "7") for owner in ("c:one", "c:two")}
    DataKey.objects.filter(owner="c:one").update(wrapped=b"damaged" * 9)
    vault.clear_cache()
    keys = vault.keys_for_reading(sealed)
    assert {owner: keys.open(owner, text, "7") for owner, text in sealed.items()} == {"c:one": None, "c:two": b"plain"}
    with pytest.raises(Unreadable):
        vault.key_for_sealing("c:one")


@pytest.mark.django_db
def test_a_master_key_that_is_not_configured_is_a_fault_and_no_erasure(master: Settings) -> None:
    vault.key_for_sealing("c:one")
    master.RELAIS_MASTER_KEYS = [WRONG]
    vault.clear_cache()
    with pytest.raises(Unreadable):
        vault.keys_for_reading(["c:one"])


@pytest.mark.django_db
def test_damage_is_logged_without_a_word_of_what_was_sealed(master: Settings, caplog: pytest.LogCaptureFixture) -> None:
    sealed = vault.key_for_sealing("c:one").seal(b"plain", "7")
    with caplog.at_level(logging.ERROR, "kernel.vault"):
        vault.keys_for_reading(["c:one"]).open("c:one", sealed[:-1] + b"x", "7")
    [record] = caplog.records
    assert record.__dict__["fields"] == {"owner": "c:one", "context": "7"}


@pytest.mark.django_db(transaction=True)
def test_keys_that_are_known_cost_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with transaction.atomic():
        vault.keys_for_sealing(["c:one", "c:two"])
    with django_assert_num_queries(0):
        vault.keys_for_sealing(["c:one", "c:two"])
    vault.clear_cache()
    with django_assert_num_queries(1):
        vault.keys_for_sealing(["c:one", "c:two"])


@pytest.mark.django_db
def test_rotation_wraps_every_key_anew_and_the_old_master_key_may_go(master: Settings) -> None:
    sealed = {
        key.owner: key.seal(b"plain", "7")
        for key in vault.keys_for_sealing(f"c:{number}" for number in range(503)).values()
    }
    digest = vault.keyed_digest(b"Dupont")
    master.RELAIS_MASTER_KEYS = [NEW, OLD]
    seen: list[tuple[int, int]] = []
    assert vault.rotate(lambda done, total: seen.append((done, total))) == 504
    assert seen[-1] == (504, 504)
    assert vault.rotate() == 0
    master.RELAIS_MASTER_KEYS = [NEW]
    vault.clear_cache()
    assert vault.is_ready()
    assert vault.keyed_digest(b"Dupont") == digest
    keys = vault.keys_for_sealing(sealed)
    assert all(keys[owner].open(text, "7") == b"plain" for owner, text in sealed.items())


@pytest.mark.django_db
def test_with_both_master_keys_everything_opens_before_and_during_rotation(master: Settings) -> None:
    before = vault.key_for_sealing("c:one").seal(b"plain", "7")
    master.RELAIS_MASTER_KEYS = [NEW, OLD]
    vault.clear_cache()
    after = vault.key_for_sealing("c:two").seal(b"plain", "7")
    vault.clear_cache()
    assert vault.is_ready()
    assert (
        vault.key_for_sealing("c:one").open(before, "7") == vault.key_for_sealing("c:two").open(after, "7") == b"plain"
    )


@pytest.mark.django_db
def test_a_wrong_master_key_is_found_and_nothing_is_written_with_it(master: Settings) -> None:
    ada, grace = account(), account()
    conversation = group(ada, grace)
    master.RELAIS_MASTER_KEYS = [WRONG]
    vault.clear_cache()
    assert not vault.is_ready()
    kept = DataKey.objects.count()
    commands: list[Command[Any]] = [
        SendMessage(id=uuid7(), conversation=conversation, body="Bonjour"),
        UpdateConversation(conversation=conversation, title="Garde"),
    ]
    for command in commands:
        with pytest.raises(InternalError):
            dispatch(ada.actor, command)
    with pytest.raises(InternalError):
        group(ada, grace)
    assert (DataKey.objects.count(), Message.objects.count()) == (kept, 0)


@pytest.mark.django_db
def test_what_was_erased_does_not_open_again() -> None:
    sealed = vault.key_for_sealing("c:one").seal(b"plain", "7")
    other = vault.key_for_sealing("c:two").seal(b"plain", "7")
    vault.erase("c:one")
    with pytest.raises(Unreadable):
        vault.key_for_sealing("c:one").open(sealed, "7")
    assert vault.key_for_sealing("c:two").open(other, "7") == b"plain"


@pytest.mark.django_db(transaction=True)
def test_an_erasure_that_is_rolled_back_erases_nothing() -> None:
    sealed = vault.key_for_sealing("c:one").seal(b"plain", "7")
    with transaction.atomic():
        vault.erase("c:one")
        transaction.set_rollback(True)
    assert vault.key_for_sealing("c:one").open(sealed, "7") == b"plain"


@pytest.mark.django_db(transaction=True)
def test_an_erased_key_is_forgotten_even_if_it_was_read_before_the_erasure_was_committed() -> None:
    sealed = vault.key_for_sealing("c:one").seal(b"plain", "7")
    with transaction.atomic():
        vault.erase("c:one")
        vault._kept.put([Key("c:one", OLD)])
    with pytest.raises(Unreadable):
        vault.key_for_sealing("c:one").open(sealed, "7")
    assert DataKey.objects.filter(owner="c:one").count() == 1


@pytest.mark.django_db
def test_equal_texts_have_equal_digests_which_say_nothing_without_the_key(master: Settings) -> None:
    digest = vault.keyed_digest(b"Dupont")
    assert digest == vault.keyed_digest(b"Dupont")
    assert digest != vault.keyed_digest(b"Dupond")
    DataKey.objects.all().delete()
    vault.clear_cache()
    assert vault.keyed_digest(b"Dupont") != digest


def everything_stored() -> bytes:
    """Every column of every table, as bytes: text as it is, binary as it is."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += [bytes(value) if isinstance(value, memoryview) else str(value).encode() for value in row]
    return b"\n".join(found)


@pytest.mark.django_db
def test_nothing_that_people_write_stands_in_any_table() -> None:
    word = f"Zoster{os.urandom(4).hex()}"
    ada, grace = account(), account()
    conversation = group(ada, grace, title=f"Titre {word}")
    sent = SendMessage(id=uuid7(), conversation=conversation, body=f"Corps {word}")
    dispatch(ada.actor, sent)
    dispatch(ada.actor, UpdateConversation(conversation=conversation, title=f"Autre {word}"))
    dispatch(grace.actor, ReadMessages(conversation=conversation, seq=2))
    dispatch(grace.actor, Typing(conversation=conversation))
    stored = everything_stored()
    assert str(conversation).encode() in stored
    for form in (word, word.lower(), word.encode("utf-16-le"), word.encode().hex()):
        assert (form if isinstance(form, bytes) else form.encode()) not in stored
    assert StreamEvent.objects.exclude(subject=None).exclude(data=b"").count() == 0
    assert word in dispatch(grace.actor, GetHistory(conversation=conversation)).messages[0].body
    assert word.encode() in b"".join(
        bytes(event.data) for event in dispatch(grace.actor, Sync(stream=f"c:{conversation}", after=0)).events
    )
