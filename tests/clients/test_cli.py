"""The command line of the Python client: how it gets its token."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from relais_client import cli
from tests.relais_process import ROOT, environment

USAGE = 2


def relais_client(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sys; from relais_client.cli import main; sys.exit(main())", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment(**variables), capture_output=True, text=True, timeout=60, check=False
    )


def test_a_token_never_stands_on_the_command_line() -> None:
    refused = relais_client("--token", "relais_secret", "whoami")
    assert refused.returncode == USAGE
    assert "--token" in refused.stderr


def test_without_a_token_it_says_where_to_put_one() -> None:
    refused = relais_client("whoami")
    assert refused.returncode == USAGE
    assert "RELAIS_TOKEN" in refused.stderr
    assert "--token-file" in refused.stderr


def test_a_token_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused = relais_client("--token-file", str(tmp_path / "none"), "whoami")
    assert refused.returncode == USAGE
    assert str(tmp_path / "none") in refused.stderr


def test_a_token_is_taken_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text("relais_of_the_file\n")
    monkeypatch.setenv("RELAIS_TOKEN", "relais_of_the_environment")
    assert cli._token(cli.parser().parse_args(["whoami"])) == "relais_of_the_environment"
    assert cli._token(cli.parser().parse_args(["--token-file", str(file), "whoami"])) == "relais_of_the_file"
    monkeypatch.setenv("RELAIS_TOKEN_FILE", str(file))
    assert cli._token(cli.parser().parse_args(["whoami"])) == "relais_of_the_file"
