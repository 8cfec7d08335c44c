"""A deployment that would be unsafe does not start."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from identity.authentication.psc.configuration import SANDBOX_ISSUER
from server.ops.environment import SECRETS
from tests.relais_process import ROOT, environment

MASTER = base64.b64encode(bytes(32)).decode()
LOCAL = {
    "DATABASE_URL": "postgresql://relais:secret@db:5433/relais",
    "REDIS_URL": "redis://cache:6379/0",
    "RELAIS_ORIGINS": "http://localhost:8000",
    "RELAIS_SECRET_KEY": "k" * 50,
    "RELAIS_MASTER_KEY": MASTER,
}
PUBLIC = {
    **LOCAL,
    "RELAIS_ORIGINS": "https://relais.example.fr",
    "DATABASE_URL": "postgresql://relais:secret@db:5433/relais?sslmode=verify-full",
    "REDIS_URL": "rediss://:secret@cache:6379/0",
    "RELAIS_TRUSTED_PROXIES": "1",
    "RELAIS_FILES": "/var/lib/relais/files",
    "RELAIS_ANTIVIRUS": "tcp://antivirus:3310",
}

PSC = {
    "RELAIS_PSC_ISSUER": "https://psc.example.fr/realms/wallet",
    "RELAIS_PSC_CLIENT_ID": "relais",
    "RELAIS_PSC_CLIENT_SECRET": "secret",
}


def read(names: list[str], **changes: str) -> tuple[dict[str, Any], str]:
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
        ({"RELAIS_MESSAGE_EDIT_MINUTES": "-1"}, "RELAIS_MESSAGE_EDIT_MINUTES is a number of minutes"),
        ({"RELAIS_MESSAGE_DELETE_MINUTES": "999999"}, "RELAIS_MESSAGE_DELETE_MINUTES is a number of minutes"),
        ({"RELAIS_MASTER_KEY": ""}, "RELAIS_MASTER_KEY is not set"),
        ({"RELAIS_MASTER_KEY": "c2hvcnQ="}, "exactly 32 bytes"),
        ({"RELAIS_MASTER_KEY": "%%%"}, "not base64"),
        ({"RELAIS_ORIGINS": ""}, "RELAIS_ORIGINS is not set"),
        ({"RELAIS_ORIGINS": "*"}, "is not an origin"),
        ({"RELAIS_ORIGINS": "https://relais.example.fr/app"}, "is not an origin"),
        ({"RELAIS_ORIGINS": "http://relais.example.fr"}, "must be https"),
        ({"RELAIS_DEBUG": "1"}, "RELAIS_DEBUG"),
        ({"RELAIS_FAKE_DELIVERY": "1"}, "RELAIS_FAKE_DELIVERY"),
        ({"RELAIS_DEMO": "1"}, "RELAIS_DEMO"),
        ({"RELAIS_FAKE_DELIVERY": "yes"}, "0 or 1"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "mysql://db/relais"}, "DATABASE_URL is not of the form"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set"),
        ({"DATABASE_OWNER_URL": "mysql://db/relais"}, "DATABASE_OWNER_URL is not of the form"),
        ({"RELAIS_SMTP_URL": "ftp://mail"}, "RELAIS_SMTP_URL is not of the form"),
        ({"DATABASE_URL": "postgresql://relais@db/relais?sslmode=require"}, "DATABASE_URL: PostgreSQL is on another"),
        ({"DATABASE_URL": "postgresql://relais:secret@db/relais"}, "add ?sslmode=verify-full"),
        ({"DATABASE_URL": "postgresql://relais:secret@db/relais?sslmode=prefer"}, "add ?sslmode=verify-full"),
        ({"DATABASE_URL": "postgresql://relais:secret@/relais?host=db"}, "add ?sslmode=verify-full"),
        ({"DATABASE_URL": "postgresql://relais:secret@/relais?host=/run,db"}, "add ?sslmode=verify-full"),
        ({"DATABASE_OWNER_URL": "postgresql://owner:secret@db/relais"}, "DATABASE_OWNER_URL: PostgreSQL is on another"),
        ({"REDIS_URL": "rediss://cache:6379/0"}, "asks for no password"),
        ({"REDIS_URL": "redis://:secret@cache:6379/0"}, "without TLS"),
        ({"REDIS_URL": "rediss://:secret@cache:6379/0?ssl_cert_reqs=none"}, "without TLS, or without checking"),
        ({"RELAIS_TRUSTED_PROXIES": "0"}, "RELAIS_TRUSTED_PROXIES is 0, and RELAIS_ORIGINS is public"),
        ({"RELAIS_TRUSTED_PROXIES": ""}, "RELAIS_TRUSTED_PROXIES is 0, and RELAIS_ORIGINS is public"),
        ({"RELAIS_TRUSTED_PROXIES": "-1"}, "RELAIS_TRUSTED_PROXIES is a number"),
        ({"RELAIS_TRUSTED_PROXIES": "one"}, "RELAIS_TRUSTED_PROXIES is a number"),
        ({"RELAIS_SMS_COUNTRIES": "BE,XX"}, "RELAIS_SMS_COUNTRIES: XX is no code"),
        ({"RELAIS_METRICS_TOKEN": "short"}, "RELAIS_METRICS_TOKEN is shorter"),
        ({"RELAIS_CPS_URL": "http://carte.example.fr"}, "RELAIS_CPS_URL is not an https address"),
        ({"RELAIS_CPS_URL": "https://carte.example.fr", "RELAIS_CPS_SECRET": "short"}, "RELAIS_CPS_SECRET is shorter"),
        ({"RELAIS_CPS_URL": "https://carte.example.fr", "RELAIS_CPS_SECRET": "s" * 20}, "RELAIS_CPS_AUTHORITIES names"),
        ({"RELAIS_PSC_ISSUER": "http://psc.example.fr"}, "RELAIS_PSC_ISSUER is not an https address"),
        ({"RELAIS_PSC_ISSUER": "https://psc.example.fr"}, "RELAIS_PSC_CLIENT_ID is not set"),
        ({**PSC, "RELAIS_PSC_CLIENT_SECRET": ""}, "must know us by something"),
        ({**PSC, "RELAIS_PSC_CERTIFICATE": "/us.pem"}, "go together"),
        ({**PSC, "RELAIS_PSC_ISSUER": SANDBOX_ISSUER}, "RELAIS_PSC_ISSUER is the sandbox"),
        ({"RELAIS_SMS_TOKEN_FILE": "/nowhere/token"}, "RELAIS_SMS_TOKEN_FILE: /nowhere/token cannot be read"),
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


def test_messages_are_changed_for_so_long_as_the_deployment_says() -> None:
    names = ["RELAIS_MESSAGE_EDIT_SECONDS", "RELAIS_MESSAGE_DELETE_SECONDS"]
    assert list(read(names, **LOCAL)[0].values()) == [900, 86_400]
    changed = {"RELAIS_MESSAGE_EDIT_MINUTES": "5", "RELAIS_MESSAGE_DELETE_MINUTES": "0"}
    assert list(read(names, **LOCAL, **changed)[0].values()) == [300, 0]


def test_one_public_origin_among_local_ones_makes_the_deployment_public() -> None:
    settings, _ = read(["RELAIS_PUBLIC"], **{**PUBLIC, "RELAIS_ORIGINS": "http://localhost,https://relais.example.fr"})
    assert settings == {}, "http beside a public origin is refused"
    settings, _ = read(["RELAIS_PUBLIC"], **{**PUBLIC, "RELAIS_ORIGINS": "https://localhost,https://relais.example.fr"})
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
    default = settings["DATABASES"]["default"]
    assert {name: default[name] for name in expected} == expected
    if "sslmode" in url:
        assert default["OPTIONS"]["sslmode"] == "verify-full"


def test_frames_between_processes_are_encrypted_with_a_key_that_does_not_reveal_the_secret() -> None:
    settings, _ = read(["CHANNEL_LAYERS", "SECRET_KEY"], **LOCAL)
    configuration = settings["CHANNEL_LAYERS"]["default"]["CONFIG"]
    [key] = configuration["symmetric_encryption_keys"]
    assert len(key) == 64
    assert str(settings["SECRET_KEY"]) not in key


def test_this_session_uses_servers_of_its_own() -> None:
    assert "relais-" in os.environ["DATABASE_URL"]
    assert os.environ["REDIS_URL"].startswith("unix://")


@pytest.mark.parametrize(
    ("database", "cache"),
    [
        ("postgresql://relais@/relais?host=/run/postgresql", "unix:///run/redis.sock"),
        ("postgresql://relais@localhost:5433/relais", "redis://127.0.0.1:6379/0"),
        ("postgresql://relais@[::1]/relais", "redis://[::1]:6379/0"),
        ("postgresql://relais:secret@db/relais?sslmode=require", "rediss://:secret@cache/0?ssl_ca_certs=/ca.pem"),
        ("postgresql://db/relais?sslmode=verify-full&sslcert=/us.pem&sslkey=/us.key", "rediss://:secret@cache/0"),
    ],
)
def test_a_public_deployment_accepts_what_stays_on_the_machine_or_is_encrypted(database: str, cache: str) -> None:
    settings, error = read(["RELAIS_PUBLIC"], **{**PUBLIC, "DATABASE_URL": database, "REDIS_URL": cache})
    assert (settings, error) == ({"RELAIS_PUBLIC": True}, "")


def test_a_refusal_of_an_address_never_shows_its_password() -> None:
    for changes in ({"DATABASE_URL": "postgresql://relais:hunter2@db/relais"}, {"REDIS_URL": "redis://:hunter2@cache"}):
        _, error = read(["DEBUG"], **{**PUBLIC, **changes})
        assert "ImproperlyConfigured" in error
        assert "hunter2" not in error


def test_every_secret_may_come_from_a_file_and_a_public_deployment_refuses_one_that_others_may_read(
    tmp_path: Path,
) -> None:
    given = {
        "DATABASE_URL": PUBLIC["DATABASE_URL"],
        "DATABASE_OWNER_URL": "postgresql://owner:secret@db/relais?sslmode=require",
        "REDIS_URL": PUBLIC["REDIS_URL"],
        "RELAIS_BROKER_URL": PUBLIC["REDIS_URL"],
        "RELAIS_SECRET_KEY": "f" * 64,
        "RELAIS_MASTER_KEY": MASTER,
        "RELAIS_SMTP_URL": "smtp://relais:secret@mail:587",
        "RELAIS_SMS_TOKEN": "token",
        "RELAIS_METRICS_TOKEN": "a token of some length",
        "RELAIS_ONFIDO_TOKEN": "what opens the provider's API",
        "RELAIS_ONFIDO_WEBHOOK_TOKEN": "what signs its notices",
        "RELAIS_PSC_CLIENT_SECRET": "what the provider knows us by",
        "RELAIS_CPS_SECRET": "what the proxy of cards shows",
    }
    assert given.keys() == set(SECRETS)
    files = {f"{name}_FILE": str(tmp_path / name) for name in given}
    for name, value in given.items():
        (tmp_path / name).write_text(f"{value}\n")
        (tmp_path / name).chmod(0o600)
    changes = {
        "RELAIS_ORIGINS": PUBLIC["RELAIS_ORIGINS"],
        "RELAIS_TRUSTED_PROXIES": "1",
        "RELAIS_ONFIDO_WORKFLOW": "a workflow",
        "RELAIS_FILES": PUBLIC["RELAIS_FILES"],
        "RELAIS_ANTIVIRUS": PUBLIC["RELAIS_ANTIVIRUS"],
        **files,
    }
    settings, error = read(
        ["REDIS_URL", "SECRET_KEY", "EMAIL_HOST_USER", "RELAIS_SMS_TOKEN", "RELAIS_DATABASE_URL", "DATABASES"],
        **changes,
    )
    assert not error
    assert settings["DATABASES"]["owner"]["USER"] == "owner"
    assert list(settings.values())[:5] == [
        given["REDIS_URL"],
        given["RELAIS_SECRET_KEY"],
        "relais",
        "token",
        given["DATABASE_URL"],
    ]
    for name in given:
        (tmp_path / name).chmod(0o604)
        _, error = read(["DEBUG"], **changes)
        assert f"chmod 600 {tmp_path / name}" in error
        (tmp_path / name).chmod(0o600)


def test_celery_reaches_a_redis_with_tls_by_tls() -> None:
    program = "from server.celery import application; c = application.connection_for_write(); print(c.ssl)"
    command = [sys.executable, "-c", program]
    for url in ("rediss://:secret@cache/0", "rediss://:secret@cache/0?ssl_ca_certs=/ca.pem"):
        variables = environment(**{**PUBLIC, "REDIS_URL": url})
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
        assert done.stdout.strip() not in {"None", "False", "True"}, "without options the transport takes no TLS"


def test_what_the_settings_read_is_described_at_their_head() -> None:
    head, _, body = (ROOT / "server" / "settings.py").read_text().partition("import base64")
    read_here = set(re.findall(r"""(?:environ\.get\(|environ\[|_flag\(|secret\()["']([A-Z_]+)["']""", body))
    assert len(read_here) > 10
    assert {name for name in read_here if name not in head} == set()
    assert {name for name in SECRETS if name not in head} == set()
