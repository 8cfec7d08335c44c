"""A log line says what happened, and never what a person wrote."""

import json
import logging

import pytest

from server.kernel import logs
from server.kernel.logs import JsonFormatter

PATIENT = "Jeanne Moulin"


def line(record: logging.LogRecord) -> dict[str, object]:
    text = JsonFormatter().format(record)
    assert "\n" not in text
    decoded: dict[str, object] = json.loads(text)
    return decoded


def record(name: str, message: str, **extra: object) -> logging.LogRecord:
    return logging.getLogger(name).makeRecord(name, logging.WARNING, "file", 1, message, (), None, extra=extra)


def test_a_line_names_the_method_the_code_and_the_duration() -> None:
    said = line(record("relais", "answered", fields={"method": "message.send", "code": "not_found", "ms": 3}))
    assert said["message"] == "answered"
    assert said["level"] == "warning"
    assert (said["method"], said["code"], said["ms"]) == ("message.send", "not_found", 3)
    assert str(said["at"]).endswith("+00:00")


def test_fields_never_replace_what_the_line_is() -> None:
    assert line(record("relais", "answered", fields={"level": "none", "message": PATIENT}))["message"] == "answered"


def test_an_exception_is_named_with_where_it_was_and_without_its_text() -> None:
    try:
        try:
            raise KeyError(PATIENT)
        except KeyError as cause:
            raise ValueError(f"no patient {PATIENT}") from cause
    except ValueError as error:
        made = record("relais", "defect")
        made.exc_info = (type(error), error, error.__traceback__)
        said = line(made)
    assert PATIENT not in json.dumps(said)
    defect = said["defect"]
    assert isinstance(defect, dict)
    assert defect["type"] == "builtins.ValueError"
    assert defect["cause"]["type"] == "builtins.KeyError"
    assert "test_logs.py" in defect["at"][0]


@pytest.mark.parametrize(
    "made",
    [
        record("django.request", f"Not Found: /p/{PATIENT}", status_code=404),
        record("django.security.csrf", f"Forbidden (no cookie): /p/{PATIENT}"),
        record("celery.app.trace", f"raised {PATIENT}", data={"name": "task", "description": "raised unexpected"}),
    ],
)
def test_libraries_that_quote_requests_and_errors_are_not_quoted(made: logging.LogRecord) -> None:
    assert PATIENT not in json.dumps(line(made))


def test_a_wrong_host_is_told_shortly_and_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs._WrongHosts, "told_at", 0.0)
    told = []
    for at in (1000.0, 1000.1, 1059.0, 1061.0):
        made = record("django.security.DisallowedHost", f"Invalid HTTP_HOST header: {PATIENT}")
        made.levelno, made.levelname, made.created = logging.ERROR, "ERROR", at
        made.exc_info = (ValueError, ValueError(PATIENT), None)
        if logs._is_worth_a_line(made):
            told.append(at)
            said = line(made)
            assert (said["level"], "defect" in said) == ("warning", False)
            assert len(json.dumps(said)) < 250
            assert PATIENT not in json.dumps(said)
    assert told == [1000.0, 1061.0]
