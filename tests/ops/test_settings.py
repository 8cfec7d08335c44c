"""A deployment that would be unsafe does not start."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.relais_process import ROOT, environment

MASTER = base64.b64encode(bytes(32)).decode()
LOCAL = {
    "DATABASE_URL": "postgresql://relais:secret@db:5433/relais",
    "REDIS_URL": "redis://cache:6379/0",
    "RELAIS_ORIGINS": "http://localhost:8000",
    "RELAIS_SECRET_KEY": "k" * 50,
    "RELAIS_MASTER_KEY": MASTER,
}
PUBLIC = {**LOCAL, "RELAIS_ORIGINS": "https://relais.example.fr"}


def read(names: list[str], **changes: str) -> tuple[dict[str, object], str]:
    """The settings `names` as a fresh process reads them, or what it says when it refuses."""
    program = f"import json, server.settings as s; print(json.dumps({{n: vars(s)[n] for n in {names}}}, default=str))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment(**changes), capture_output=True, text=True, check=False)
    return (json.loads(done.stdout) if done.returncode == 0 else {}), done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"RELAIS_SECRET_KEY": ""}, "RELAIS_SECRET_KEY is not set"),
        ({"RELAIS_SECRET_KEY": "short"}, "shorter than 50"),
        ({"RELAIS_MASTER_KEY": ""}, "RELAIS_MASTER_KEY is not set"),
        ({"RELAIS_MASTER_KEY": "c2hvcnQ="}, "exactly 32 bytes"),
        ({"RELAIS_MASTER_KEY": "%%%"}, "not base64"),
        ({"RELAIS_ORIGINS": ""}, "RELAIS_ORIGINS is not set"),
        ({"RELAIS_ORIGINS": "*"}, "is not an origin"),
        ({"RELAIS_ORIGINS": "https://relais.example.fr/app"}, "is not an origin"),
        ({"RELAIS_ORIGINS": "http://relais.example.fr"}, "must be https"),
        ({"RELAIS_DEBUG": "1"}, "RELAIS_DEBUG"),
        ({"RELAIS_FAKE_DELIVERY": "1"}, "RELAIS_FAKE_DELIVERY"),
        ({"RELAIS_FAKE_DELIVERY": "yes"}, "0 or 1"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "mysql://db/relais"}, "DATABASE_URL is not of the form"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set"),
        ({"RELAIS_SMTP_URL": "ftp://mail"}, "RELAIS_SMTP_URL is not of the form"),
    ],
)
def test_what_is_unsafe_or_missing_does_not_start(changes: dict[str, str], said: str) -> None:
    settings, error = read(["DEBUG"], **{**PUBLIC, **changes})
    assert not settings
    assert "ImproperlyConfigured" in error
    assert said in error


def test_a_refusal_never_shows_a_secret() -> None:
    _, error = read(["DEBUG"], **{**PUBLIC, "RELAIS_SECRET_KEY": "hunter2-hunter2"})
    assert "hunter2" not in error


def test_a_public_deployment_is_strict() -> None:
    expected = {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["relais.example.fr"],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "RELAIS_FAKE_DELIVERY": False,
    }
    assert read(list(expected), **PUBLIC) == (expected, "")


def test_one_public_origin_among_local_ones_makes_the_deployment_public() -> None:
    settings, _ = read(["RELAIS_PUBLIC"], **{**LOCAL, "RELAIS_ORIGINS": "http://localhost,https://relais.example.fr"})
    assert settings == {}, "http beside a public origin is refused"
    settings, _ = read(["RELAIS_PUBLIC"], **{**LOCAL, "RELAIS_ORIGINS": "https://localhost,https://relais.example.fr"})
    assert settings == {"RELAIS_PUBLIC": True}


def test_this_machine_alone_may_use_debug_and_standins() -> None:
    settings, _ = read(["DEBUG", "RELAIS_PUBLIC"], **{**LOCAL, "RELAIS_DEBUG": "1", "RELAIS_FAKE_DELIVERY": "1"})
    assert settings == {"DEBUG": True, "RELAIS_PUBLIC": False}


def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("f" * 64 + "\n")
    (tmp_path / "master").write_text(f"{MASTER}\n{MASTER}\n")
    changes = {**LOCAL, "RELAIS_SECRET_KEY": "", "RELAIS_MASTER_KEY": ""}
    changes |= {"RELAIS_SECRET_KEY_FILE": str(tmp_path / "secret"), "RELAIS_MASTER_KEY_FILE": str(tmp_path / "master")}
    settings, error = read(["SECRET_KEY", "RELAIS_MASTER_KEYS"], **changes)
    assert not error
    assert settings["SECRET_KEY"] == "f" * 64
    assert settings["RELAIS_MASTER_KEYS"] == [str(bytes(32))] * 2


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://re%40lais:p%2Fw@db:5433/relais", {"HOST": "db", "PORT": 5433, "PASSWORD": "p/w"}),
        ("postgresql://relais@/relais?host=/run/relais", {"HOST": "/run/relais", "USER": "relais", "NAME": "relais"}),
        ("postgres://db/relais?sslmode=verify-full", {"HOST": "db", "PORT": ""}),
    ],
)
def test_a_database_address_is_read_as_libpq_would(url: str, expected: dict[str, object]) -> None:
    settings, error = read(["DATABASES"], **{**LOCAL, "DATABASE_URL": url})
    assert not error
    default = settings["DATABASES"]["default"]  # type: ignore[index]
    assert {name: default[name] for name in expected} == expected
    if "sslmode" in url:
        assert default["OPTIONS"]["sslmode"] == "verify-full"


def test_frames_between_processes_are_encrypted_with_a_key_that_does_not_reveal_the_secret() -> None:
    settings, _ = read(["CHANNEL_LAYERS", "SECRET_KEY"], **LOCAL)
    configuration = settings["CHANNEL_LAYERS"]["default"]["CONFIG"]  # type: ignore[index]
    [key] = configuration["symmetric_encryption_keys"]
    assert len(key) == 64
    assert str(settings["SECRET_KEY"]) not in key


def test_this_session_uses_servers_of_its_own() -> None:
    assert "relais-" in os.environ["DATABASE_URL"]
    assert os.environ["REDIS_URL"].startswith("unix://")
