"""Secrets from the environment or from files, and what a public deployment refuses of servers on other hosts."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SECRETS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "RELAIS_BROKER_URL",
    "RELAIS_SECRET_KEY",
    "RELAIS_MASTER_KEY",
    "RELAIS_SMTP_URL",
    "RELAIS_SMS_TOKEN",
    "RELAIS_ONFIDO_TOKEN",
    "RELAIS_ONFIDO_WEBHOOK_TOKEN",
    "RELAIS_METRICS_TOKEN",
    "RELAIS_PSC_CLIENT_SECRET",
    "RELAIS_CPS_SECRET",
)
"""Each may be given as the variable itself, or as `NAME_FILE`, the path of a file that holds it."""
ENCRYPTED = {"require", "verify-ca", "verify-full"}
"""The values of PostgreSQL's sslmode that never fall back to a connection in clear."""


def is_given(name: str) -> bool:
    """Whether a secret is in the environment, by value or by file."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def secret(name: str) -> str:
    """The value of `name`, or what the file named by `name`_FILE holds; empty when there is neither."""
    if name not in SECRETS:
        raise RuntimeError(f"{name} is not in the list of secrets")
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, "").strip()
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE: {path} cannot be read ({error.strerror}).") from None


def required_secret(name: str, hint: str) -> str:
    value = secret(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {hint}")
    return value


def secret_files() -> list[Path]:
    """The files that hold secrets of this deployment."""
    paths = [os.environ.get(f"{name}_FILE") for name in SECRETS]
    return [Path(path) for path in paths if path]


def is_open_to_others(path: Path) -> bool:
    """Whether others than its owner may read or write a file.

    The group root is no other: systemd gives a unit its credentials by an access control list, whose mask looks like
    rights of the group.
    """
    status = path.stat()
    group = status.st_mode & stat.S_IRWXG and status.st_gid != 0
    return bool(status.st_mode & stat.S_IRWXO or group)


def refuse_open_files() -> None:
    """For a public deployment: no file of secrets may be open to other users of the machine."""
    for path in secret_files():
        if path.exists() and is_open_to_others(path):
            raise ImproperlyConfigured(f"Other users of this machine may read {path}: chmod 600 {path}")


def database_is_elsewhere(url: str) -> bool:
    """Whether PostgreSQL is reached over a network: not by a unix socket, and not on this machine."""
    hosts = _database_options(url)["host"].split(",")
    return any(host and not host.startswith("/") and host not in LOOPBACK for host in hosts)


def refuse_open_database(name: str, url: str) -> None:
    """For a public deployment: on another host PostgreSQL is reached encrypted, and asks for a proof."""
    if not database_is_elsewhere(url):
        return
    options = _database_options(url)
    if not (urlsplit(url).password or options.keys() & {"password", "passfile", "sslcert"}):
        raise ImproperlyConfigured(
            f"{name}: PostgreSQL is on another host and asks for no password: put one before the @, as in"
            " postgresql://user:password@host/name."
        )
    if options.get("sslmode") not in ENCRYPTED:
        raise ImproperlyConfigured(
            f"{name}: PostgreSQL is on another host and may be reached in clear: add ?sslmode=verify-full and the"
            " authority's certificate (sslrootcert), or at least ?sslmode=require."
        )


def verifies_database(url: str) -> bool:
    """Whether the connection also makes sure that it is that host's PostgreSQL."""
    return not database_is_elsewhere(url) or _database_options(url).get("sslmode") == "verify-full"


def refuse_open_redis(name: str, url: str) -> None:
    """For a public deployment: on another host Redis is reached encrypted, and asks for a password."""
    parts = urlsplit(url)
    hosts = {_without_port(host) for host in parts.netloc.rpartition("@")[2].split(",")}
    if not url or parts.scheme == "unix" or hosts <= LOOPBACK:
        return
    if not (parts.password or dict(parse_qsl(parts.query)).get("password")):
        raise ImproperlyConfigured(
            f"{name}: Redis is on another host and asks for no password: set its requirepass, and name it as in"
            " rediss://:password@host:6379/0."
        )
    encrypted = parts.scheme.partition("+")[0] == "rediss"
    if not encrypted or dict(parse_qsl(parts.query)).get("ssl_cert_reqs", "required") != "required":
        raise ImproperlyConfigured(
            f"{name}: Redis is on another host and is reached without TLS, or without checking its certificate:"
            " begin the address with rediss:// and give the authority's certificate as ?ssl_ca_certs=FILE."
        )


def _database_options(url: str) -> dict[str, str]:
    """As libpq reads an address: what stands in its query goes before its host."""
    parts = urlsplit(url)
    options = {"host": parts.netloc.rpartition("@")[2], **dict(parse_qsl(parts.query))}
    if options["host"] == parts.netloc.rpartition("@")[2]:
        options["host"] = ",".join(_without_port(host) for host in options["host"].split(","))
    return options


def _without_port(host: str) -> str:
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def antivirus(address: str, *, public: bool) -> str:
    """Who looks for viruses in files. Where people can reach Relais it has to be said, if only that nobody does."""
    if not address and public:
        raise ImproperlyConfigured(
            "RELAIS_ANTIVIRUS is not set: name ClamAV's daemon, as unix:///run/clamav/clamd.ctl, or say off: files are"
            " then passed on without being scanned, and say so."
        )
    parts = urlsplit(address)
    if address not in {"", "off"} and not (
        (parts.scheme == "unix" and parts.path) or (parts.scheme == "tcp" and parts.hostname)
    ):
        raise ImproperlyConfigured(f"RELAIS_ANTIVIRUS is off, tcp://host:port or unix:///path, not {address!r}.")
    return address or "off"
