"""What the cache keeps in Redis is data, and never code."""

from __future__ import annotations

import pickle
from pathlib import Path

import msgspec
import pytest
import redis
from django.conf import settings
from django.core.cache import cache


class Bomb:
    """A pickle that makes a file when it is loaded."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.file,)


@pytest.mark.parametrize("value", [1, 0, -5, 1.5, "text", True, None, [1764000000.25, 2.0], {"a": [1]}])
def test_what_is_kept_comes_back(value: object) -> None:
    cache.set("kept", value)
    assert cache.get("kept", "nothing") == value


def test_counting_is_redis_own() -> None:
    cache.set("count", 1)
    assert cache.incr("count") == 2
    assert cache.get("count") == 2
    assert cache.get_many(["count", "nowhere"]) == {"count": 2}


def test_a_pickle_that_was_planted_runs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "exploded"
    planted = pickle.dumps(Bomb(file))
    pickle.loads(planted)
    assert file.exists(), "the bomb works"
    file.unlink()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.set(cache.make_key("planted"), planted)
    with pytest.raises(msgspec.DecodeError):
        cache.get("planted")
    assert not file.exists()


def test_what_is_no_data_is_refused_when_it_is_stored(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        cache.set("kept", Bomb(tmp_path / "file"))


def test_nothing_here_loads_pickles() -> None:
    root = Path(__file__).resolve().parents[2]
    sources = [path for room in ("server", "identity", "team", "referral") for path in (root / room).rglob("*.py")]
    for path in sources:
        text = path.read_text()
        assert "import pickle" not in text, path
        assert "import marshal" not in text, path
        assert "PickleSerializer" not in text, path
    assert settings.CELERY_ACCEPT_CONTENT == [settings.CELERY_TASK_SERIALIZER] == ["json"]
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
