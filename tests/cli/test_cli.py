"""The program `relais`: understood or refused plainly, with the servers that run or with its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import prepared
from tests.prepared import running_demo
from tests.relais_process import Running, eventually, relais

SUB_COMMANDS = [
    ["up"],
    ["demo"],
    ["captured"],
    ["token"],
    ["person", "add"],
    ["person", "verify"],
    ["person", "suspend"],
    ["person", "reinstate"],
    ["directory", "import"],
    ["directory", "communes"],
    ["wire"],
    ["migrate"],
    ["check"],
    ["vault", "rotate"],
    ["audit", "verify"],
    ["audit", "drop"],
]


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    with running_demo(durable=True) as here:
        yield here


@pytest.mark.parametrize("words", [[], *SUB_COMMANDS], ids=" ".join)
def test_every_sub_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from server.cli import main

    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(" ".join(["usage: relais", *words]))
    assert words in ([], ["directory"]) or "--data DIR" in said


@pytest.mark.parametrize(
    "words",
    [[], ["nonsense"], ["up", "--port", "0"], ["up", "--workers", "0"], ["up", "--web", "apache"]],
    ids=" ".join,
)
def test_what_is_not_understood_is_refused_with_the_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from server.cli import main

    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: relais" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["directory", "import", "nowhere.txt"], ["directory", "communes", "nowhere.csv"]])
def test_a_file_that_is_not_there_is_said_plainly_before_anything_starts(place: Path, words: list[str]) -> None:
    refused = relais(*words, data=place / "data")
    assert refused.returncode == 1
    assert refused.stderr == f"relais: {words[-1]} cannot be read: No such file or directory.\n"
    assert not (place / "data").exists()


def test_without_a_running_relais_a_sub_command_brings_its_own_servers(place: Path) -> None:
    done = relais("captured", "--json", data=place / "data")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_a_new_master_key_is_put_before_the_others_and_everything_is_wrapped_with_it(place: Path) -> None:
    prepared.copy("tables", place / "data")
    assert relais("vault", "rotate", data=place / "data").returncode == 0
    before = (place / "data" / "master-key").read_text().split()
    done = relais("vault", "rotate", "--new-key", data=place / "data")
    assert (done.returncode, done.stderr) == (0, "")
    after = (place / "data" / "master-key").read_text().split()
    assert after[1:] == before
    assert len(after) == 2


def test_the_demo_world_is_printed_as_people_read_it_and_as_programs_do(demo: Running) -> None:
    world = demo.command("demo")
    assert world["url"] == demo.url
    assert len(world["people"]) >= 8
    assert len(world["organisations"]) >= 3
    assert any(not person["verified"] for person in world["people"])
    assert any("Reunion" in agenda["time_zone"] for agenda in world["agendas"])
    for person in world["people"]:
        assert person.keys() >= {"id", "name", "email", "password", "token", "function", "verified", "rpps"}
        assert person["email"] in demo.said()
        assert person["password"] in demo.said()
    assert relais("demo", "--json", data=demo.data).stdout == relais("demo", "--json", data=demo.data).stdout


def test_a_token_is_printed_for_somebody_who_is_there_and_for_nobody_else(demo: Running) -> None:
    somebody = demo.command("demo")["people"][0]["email"]
    done = relais("token", somebody, data=demo.data)
    assert done.returncode == 0
    assert len(done.stdout.strip()) >= 32
    refused = relais("token", "nobody@example.org", data=demo.data)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "nobody@example.org" in refused.stderr


def test_the_audit_of_the_demo_world_is_verified_against_the_anchors_of_its_directory(demo: Running) -> None:
    anchors = demo.data / "audit-anchors"
    eventually(anchors.exists, 120)
    done = relais("audit", "verify", data=demo.data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("No tampering found: ")
    assert "anchors kept outside the database, the last of them" in done.stdout
    value = anchors.read_text().split()[1]
    for kept in (str(anchors), value):
        assert relais("audit", "verify", "--anchor", kept, data=demo.data).returncode == 0
    other = value[:-2] + ("00" if value[-2:] != "00" else "01")
    forged = relais("audit", "verify", "--anchor", other, data=demo.data)
    assert forged.returncode == 1
    assert "differs in 1 of the anchors kept outside it" in forged.stdout
    assert "The audit log was tampered with" in forged.stdout
    missing = relais("audit", "verify", "--anchor", f"99999:{'00' * 32}", "--json", data=demo.data)
    assert missing.returncode == 1
    assert "lacks 1 of the anchors" in json.loads(missing.stdout)["broken"][0]
    refused = relais("audit", "verify", "--anchor", "nonsense", data=demo.data)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "'nonsense' is not an anchor" in refused.stderr
    emptied = demo.data / "emptied"
    emptied.touch()
    refused = relais("audit", "verify", "--anchor", str(emptied), "--json", data=demo.data)
    assert refused.returncode == 1
    assert "holds no anchor" in refused.stderr


def test_without_an_anchor_it_is_said_what_cannot_be_seen(place: Path) -> None:
    prepared.copy("tables", place / "data")
    done = relais("audit", "verify", data=place / "data")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Only the database was looked at" in done.stdout
    assert "--anchor" in done.stdout


def test_a_running_relais_keeps_its_master_key(demo: Running) -> None:
    refused = relais("vault", "rotate", "--new-key", data=demo.data)
    assert refused.returncode == 1
    assert "in use" in refused.stderr


def test_towns_and_an_extract_are_imported_with_a_report(demo: Running, tmp_path: Path) -> None:
    nonsense = tmp_path / "extract.txt"
    nonsense.write_text("a|b|c|\n1|2|3|\n")
    refused = relais("directory", "import", str(nonsense), data=demo.data)
    assert refused.returncode == 1
    assert "Nothing has changed." in refused.stderr
    towns = tmp_path / "communes.csv"
    towns.write_text("nothing,of,the,kind\n")
    refused = relais("directory", "communes", str(towns), data=demo.data)
    assert refused.returncode == 1
    assert "Nothing has changed." in refused.stderr


def test_a_deployment_is_checked_and_what_people_will_miss_is_said(demo: Running) -> None:
    done = relais("check", data=demo.data)
    assert "missing: E-mail and SMS are captured" in done.stdout
    assert done.stdout.endswith("Safe, but incomplete: 1 thing missing.\n")
    assert [line for line in done.stdout.splitlines() if line.startswith("wrong:")] == []
    assert done.returncode == 0


@pytest.mark.parametrize("name", ["master-key", "secret-key"])
def test_a_secret_that_others_may_read_is_found(place: Path, name: str) -> None:
    prepared.copy("tables", place / "data", durable=True)
    (place / "data" / name).chmod(0o644)
    done = relais("check", data=place / "data")
    assert done.returncode == 1
    assert f"Others may read a secret of this deployment: chmod 600 {place / 'data' / name}" in done.stdout
    assert done.stdout.endswith("Not safe: 1 problem to fix.\n")


def test_json_is_json(demo: Running) -> None:
    for words in (["demo"], ["captured"], ["audit", "verify"]):
        json.loads(relais(*words, "--json", data=demo.data).stdout)
