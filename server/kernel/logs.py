"""One line of JSON for each thing worth knowing, and never a word about a patient.

Only what is named here is written: the time, the level, the logger, the message, what the caller passed as
`extra={"fields": {...}}` (a method, a code, ids, a duration), and for a defect the exception's type and the
places it went through. Never an exception's text, a request's parameters or a frame: those may hold what a
person wrote.
"""

import logging
import logging.config
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec

from server.kernel import outages

# Loggers of libraries that put a request's text into their messages.
TALKATIVE = ("daphne", "twisted", "uvicorn", "websockets", "urllib3", "asyncio", "httpx", "celery")


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line.update({name: value for name, value in fields.items() if name not in line})
        if record.exc_info and record.exc_info[1] is not None:
            line["defect"] = _defect(record.exc_info[1])
        return msgspec.json.encode(line, enc_hook=str).decode()


BROKER_IS_AWAY = (
    "consumer: Connection to broker lost",
    "consumer: Cannot connect to",
    "beat: Connection error",
    "Redis BRPOP got no reply",
)
"""What Celery says of an outage in words alone, each time it tries."""
WRONG_HOST = "django.security.DisallowedHost"
WRONG_HOST_SECONDS = 60.0


class _WrongHosts:
    """When one was last told, in the time of the records."""

    told_at = 0.0


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """Whether to write it. An outage that a library tells of is noted, and told once (``outages``).

    Django notes every refusal as a warning or an error; of those only our own defects are news.

    A wrong ``Host`` may be our own proxy's mistake: it is told, shortly, once a minute in each process.
    """
    if record.exc_info and record.exc_info[1] is not None and outages.noted(record.exc_info[1]):
        return False
    if record.name.startswith(("celery.", "kombu.")) and record.getMessage().startswith(BROKER_IS_AWAY):
        outages.note("Redis")
        return False
    if record.name == WRONG_HOST:
        record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
        if record.created < _WrongHosts.told_at + WRONG_HOST_SECONDS:
            return False
        _WrongHosts.told_at = record.created
        return True
    return record.name != "django.request" or getattr(record, "status_code", 500) == 500


def _message(record: logging.LogRecord) -> str:
    """What happened. Django names the path, which may be a patient's link, and Celery quotes the exception."""
    if record.name == "django.request":
        return f"answered {getattr(record, 'status_code', 500)}"
    if record.name == WRONG_HOST:
        return "refused a Host that RELAIS_ORIGINS does not name"
    if record.name.startswith("django.security."):
        return "refused"
    task = getattr(record, "data", None)
    if record.name == "celery.app.trace" and isinstance(task, dict):
        return f"task {task.get('name')} {task.get('description')}"
    return record.getMessage()


def _defect(error: BaseException) -> dict[str, Any]:
    """What kind of exception came from where; not its text, which may quote what a person wrote."""
    kind = type(error)
    frames = traceback.extract_tb(error.__traceback__)
    described: dict[str, Any] = {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if error.__cause__ is not None:
        described["cause"] = _defect(error.__cause__)
    return described


def configure(settings: dict[str, Any]) -> None:
    """Every logger of this process writes JSON lines to standard error."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": JsonFormatter}},
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "stream": sys.stderr,
                    "formatter": "json",
                    "filters": [_is_worth_a_line],
                },
            },
            "root": {"level": settings["level"], "handlers": ["stderr"]},
            # psycopg warns of what fails after an error that it has raised: whoever met that says more.
            "loggers": {name: {"level": "WARNING"} for name in TALKATIVE} | {"psycopg": {"level": "ERROR"}},
        }
    )
