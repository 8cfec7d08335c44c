"""What everything stands on: exact versions, no address of a registry, one licence, the same limits everywhere."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from server.ops import web
from server.registry import SOCKET_LIMITS
from tests.e2e import chromium
from tests.relais_process import ROOT

LOCKS = sorted((ROOT / "locks").glob("*.lock"))
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|file:")


def tracked(*patterns: str) -> list[Path]:
    done = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).exists()]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_package_is_of_one_version_with_its_hashes_and_from_nowhere_in_particular(path: Path) -> None:
    text = path.read_text()
    assert not ADDRESS.search(text)
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(entries) >= 1
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_lock_holds_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {"run": project["project"]["dependencies"], "dev": project["dependency-groups"]["dev"]}
    for name, requirements in wanted.items():
        locked = {line.partition("==")[0] for line in (ROOT / "locks" / f"{name}.lock").read_text().splitlines()}
        for requirement in requirements:
            assert re.split(r"[^A-Za-z0-9._-]", requirement)[0] in locked


def test_the_web_client_s_lock_names_no_registry() -> None:
    for path in tracked("*package-lock.json"):
        assert '"resolved"' not in path.read_text()
        assert '"integrity"' in path.read_text()


def test_a_frame_that_the_protocol_allows_passes_the_web_server() -> None:
    assert SOCKET_LIMITS.frame_bytes == 64 * 1024
    assert SOCKET_LIMITS.frame_bytes < web.largest_received() < 2 * SOCKET_LIMITS.frame_bytes


def test_every_control_in_the_hazard_log_has_its_test() -> None:
    controls = re.findall(r"`((?:tests/|test_)[\w/.]+)`", (ROOT / "docs" / "safety.md").read_text())
    known = {
        name
        for path in tracked("tests/**/*.py", "tests/*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    assert len(controls) > 30
    for control in controls:
        assert control in known or (ROOT / control).exists(), f"docs/safety.md names {control}, which is not there"


def test_the_makefile_has_every_entry_that_people_are_told_of() -> None:
    command = ["make", "--dry-run", "run", "setup", "test", "check", "bench"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_licence_is_apache_2() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"] == "Apache-2.0"


class TestChromium:
    """Browser tests run in a real Chromium, or fail with the one command that brings it."""

    def test_one_that_does_not_start_is_not_one(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        broken = tmp_path / "chromium"
        broken.write_text("#!/bin/sh\nexit 1\n")
        broken.chmod(0o755)
        monkeypatch.setenv("RELAIS_CHROMIUM", str(broken))
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(chromium.NoChromiumError, match="RELAIS_CHROMIUM"):
            chromium.executable.__wrapped__()

    def test_one_that_starts_is_used(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        working = tmp_path / "chromium"
        working.write_text("#!/bin/sh\necho Chromium 150\n")
        working.chmod(0o755)
        monkeypatch.setenv("RELAIS_CHROMIUM", str(working))
        assert chromium.executable.__wrapped__() == str(working)
