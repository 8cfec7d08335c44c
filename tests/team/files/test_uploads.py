"""Uploads as the database has them: how many one person makes, and what becomes of those that nothing holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.kernel import dispatch as dispatching
from server.kernel.authentication import SYSTEM
from server.kernel.dispatch import dispatch
from server.kernel.identifiers import uuid7
from server.kernel.wire.errors import NotFound
from team.files import collecting, holders
from team.files.internal_commands import BeginUpload, ForgetFiles
from team.files.models import File, Holding
from team.files.refusals import TooManyFiles
from team.files.wire import BYTES_A_DAY, FILE_BYTES, FILES_A_DAY, DiscardFile, GetFile
from tests.factories import account, uploaded

pytestmark = pytest.mark.django_db


def begin(size: int = 1) -> BeginUpload:
    return BeginUpload(id=uuid7(), name="Écho.pdf", size=size)


def test_one_person_uploads_so_much_in_a_day() -> None:
    ada, grace = account(), account()
    first = uploaded(ada)
    row = File.objects.get(pk=first)
    rest = [File(**{**_columns(row), "id": uuid7()}) for _ in range(FILES_A_DAY - 1)]
    File.objects.bulk_create(rest)
    with pytest.raises(TooManyFiles) as refused:
        dispatch(ada.actor, begin())
    assert (refused.value.data["limit"], refused.value.data["unit"]) == (FILES_A_DAY, "files")
    dispatch(grace.actor, begin())
    File.objects.filter(pk=first).update(created_at=row.created_at - timedelta(days=1, seconds=1))
    dispatch(ada.actor, begin())


def test_one_person_uploads_so_many_bytes_in_a_day() -> None:
    ada = account()
    uploaded(ada, size=BYTES_A_DAY - FILE_BYTES)
    dispatch(ada.actor, begin(FILE_BYTES - 1))
    with pytest.raises(TooManyFiles) as refused:
        dispatch(ada.actor, begin(2))
    assert (refused.value.data["limit"], refused.value.data["unit"]) == (BYTES_A_DAY, "bytes")
    dispatch(ada.actor, begin(1))


def test_what_nothing_holds_is_forgotten_after_a_day_and_what_is_held_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = account()
    held, free = uploaded(ada), uploaded(ada)
    Holding.objects.create(file_id=held, kind="message", subject=uuid7())
    collecting.collect()
    assert set(File.objects.values_list("pk", flat=True)) == {held, free}
    later = dispatching.now() + timedelta(hours=25)
    monkeypatch.setattr(dispatching, "now", lambda: later)
    collecting.collect()
    assert set(File.objects.values_list("pk", flat=True)) == {held}


def test_a_file_that_something_took_hold_of_meanwhile_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep chose it, and then a message took it: it is looked at again under its lock."""
    ada = account()
    chosen = uploaded(ada)
    Holding.objects.create(file_id=chosen, kind="message", subject=uuid7())
    later = dispatching.now() + timedelta(hours=25)
    monkeypatch.setattr(dispatching, "now", lambda: later)
    dispatch(SYSTEM, ForgetFiles(files=[chosen]))
    assert File.objects.filter(pk=chosen).exists()


def test_what_is_held_is_its_uploaders_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = account()
    file = uploaded(ada)
    assert dispatch(ada.actor, GetFile(file=file)).file.state == "ready"
    Holding.objects.create(file_id=file, kind="test", subject=uuid7())
    with pytest.raises(NotFound):
        dispatch(ada.actor, GetFile(file=file))
    monkeypatch.setitem(holders._kinds, "test", lambda actor, subjects: set(subjects))
    assert dispatch(ada.actor, GetFile(file=file)).file.state == "ready"


def test_what_is_thrown_away_is_gone_and_thrown_away_again_it_is_no_error() -> None:
    ada, grace = account(), account()
    file = uploaded(ada)
    dispatch(grace.actor, DiscardFile(file=file))
    assert dispatch(ada.actor, GetFile(file=file)).file.name == "Écho.pdf"
    dispatch(ada.actor, DiscardFile(file=file))
    dispatch(ada.actor, DiscardFile(file=file))
    with pytest.raises(NotFound):
        dispatch(ada.actor, GetFile(file=file))


def _columns(row: File) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in File._meta.concrete_fields}
