"""Every setting, from the environment. A deployment that would be unsafe does not start.

Where people reach Relais decides how strict it is: as soon as one origin in `RELAIS_ORIGINS` is not on this
very machine, the deployment is public: only https, no debug pages, no captured mail and SMS.
`relais up` without a database of its own fills these variables in from its data directory.

    DATABASE_URL             postgresql://user:password@host:port/name or …@/name?host=/socket/directory: the role
                             that runs Relais, which can add to the audit log and not change it
    DATABASE_OWNER_URL       the role that owns the tables: for `relais migrate` and `relais directory import` alone
    REDIS_URL                redis://host:port/0, rediss://…, unix:///path/to/socket, or several servers by Sentinel
                             or Cluster: redis+sentinel://host,host/0?master=NAME, redis+cluster://host:port,host:port
    RELAIS_BROKER_URL        Celery's Redis, if it is another one: REDIS_URL of a Cluster needs it (a Redis of its own)
    RELAIS_PREPARED_STATEMENTS  0: for a pooler that keeps none (PgBouncer before 1.21) (1)
    RELAIS_STATEMENT_SECONDS  how long PostgreSQL may take for a statement before it is given up (10)
    RELAIS_ORIGINS           comma-separated; the first is the address people are sent to
    RELAIS_SECRET_KEY        at least 50 characters
    RELAIS_MASTER_KEY        base64 of 32 bytes; several: newest first
    RELAIS_TRUSTED_PROXIES   how many proxies of ours stand before the web processes (0); a public deployment has one,
                             which ends TLS and says in X-Forwarded-For and X-Forwarded-Proto whose request it is
    RELAIS_METRICS_TOKEN     shown as a bearer token it opens /metrics, which is otherwise for this machine alone
    RELAIS_AUDIT_ANCHORS     a file outside the database to which the audit's anchors are added (see docs/operations.md)
    RELAIS_FAKE_DELIVERY     1: e-mail and SMS are captured instead of going to people (`relais captured` prints them)
    RELAIS_SMTP_URL          smtp://user:password@host:587 (STARTTLS) or smtps://…:465
    RELAIS_MAIL_FROM         the sender of e-mails
    RELAIS_SMS_URL           https://… of the SMS gateway (see server/kernel/delivery/sms.py)
    RELAIS_SMS_TOKEN         what the gateway knows us by
    RELAIS_SMS_COUNTRIES     comma-separated codes of countries whose mobiles are sent SMS beside those of France and
                             overseas, such as BE,CH,DE,ES,IT,LU
    RELAIS_ONFIDO_TOKEN      opens the identity provider's API: without it no documents are checked here
    RELAIS_ONFIDO_URL        that API with its version (https://api.eu.onfido.com/v3.6)
    RELAIS_ONFIDO_WORKFLOW   the id of the workflow that checks document and face
    RELAIS_ONFIDO_WEBHOOK_TOKEN  signs what the provider tells us at /webhooks/onfido
    RELAIS_REVIEW_OPINIONS   how many moderators must agree on a verification (2)
    RELAIS_PSC_…             Pro Santé Connect (docs/operations.md): ISSUER, CLIENT_ID; RELAIS_PSC_CLIENT_SECRET, or for
                             mutual TLS the PEM files CERTIFICATE and CERTIFICATE_KEY; ACR, the accepted levels
                             (eidas1,eidas3; none: a token without one); SANDBOX, 1: identities for tests are accepted
    RELAIS_CPS_…             cards taken directly (docs/operations.md): URL of nginx's host for them, RELAIS_CPS_SECRET
                             that it shows us, AUTHORITIES (a PEM file), LISTS (a directory), SANDBOX, 1: test cards
    RELAIS_FILES             the directory of files, on a file system that all processes share: sealed, of no use to
                             anybody without the master key
    RELAIS_ANTIVIRUS         ClamAV's daemon: tcp://host:3310 or unix:///run/clamav/clamd.ctl; off: files are not
                             scanned and say so. A public deployment says one of both
    RELAIS_MESSAGE_EDIT_MINUTES    for how long a message may be edited by its author (15); 0: for ever
    RELAIS_MESSAGE_DELETE_MINUTES  for how long it may be deleted (1440); 0: for ever
    RELAIS_WEB_CLIENT        the directory of the built web client (clients/web/dist)
    RELAIS_DEBUG             1: Django's debug pages
    RELAIS_DEMO              1: the pages that play other services (`relais up --demo` sets it)
    RELAIS_LOG_LEVEL         INFO
    RELAIS_KEEP_…_DAYS       how long records are kept: EVENTS, DELIVERIES, WORK, SESSIONS (400), CAPTURED (30);
                             AUDIT (1096): how old a month is at least that `relais audit drop` drops

The addresses of both servers, both keys, RELAIS_SMTP_URL and all tokens are secrets. Each may be given as a file
instead, named by DATABASE_URL_FILE and so on, which only the user that runs Relais may read.

For `relais` itself: RELAIS_DATA names the data directory (.data), and RELAIS_POSTGRES_BIN a directory with PostgreSQL's
programs to use in place of those from PyPI.
"""

import base64
import binascii
import hashlib
import hmac
import os
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import phonenumbers
from django.core.exceptions import ImproperlyConfigured

from identity.authentication.cps import configuration as cps_configuration
from identity.authentication.psc import configuration as psc_configuration
from server.kernel import redis_servers
from server.ops import environment
from server.ops.environment import LOOPBACK, required_secret, secret

ROOT = Path(__file__).resolve().parent.parent


def _flag(name: str, default: str = "0") -> bool:
    value = os.environ.get(name, default)
    if value not in {"0", "1", ""}:
        raise ImproperlyConfigured(f"{name} is 0 or 1, not {value!r}.")
    return value == "1"


def _count(name: str) -> int:
    value = os.environ.get(name, "").strip() or "0"
    if not (value.isascii() and value.isdigit()) or len(value) > 2:
        raise ImproperlyConfigured(f"{name} is a number, not {value!r}.")
    return int(value)


def _seconds(name: str, default: float) -> float:
    value = os.environ.get(name) or str(default)
    try:
        found = float(value)
    except ValueError:
        found = 0.0
    if not 0 < found < 1_000_000:
        raise ImproperlyConfigured(f"{name} is a number of seconds, not {value!r}.")
    return found


def _days(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdigit() or not 1 <= int(value) <= 36_500:
        raise ImproperlyConfigured(f"{name} is a number of days, not {value!r}.")
    return int(value)


def _minutes(name: str, default: int) -> int:
    """At most a year; 0 stands for no end."""
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit()) or int(value) > 366 * 24 * 60:
        raise ImproperlyConfigured(f"{name} is a number of minutes, not {value!r}.")
    return int(value)


def _redis(name: str, url: str) -> redis_servers.RedisServers:
    try:
        return redis_servers.parse(url)
    except redis_servers.WrongAddressError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from None


def _origins() -> list[str]:
    origins = [text.strip().rstrip("/") for text in os.environ.get("RELAIS_ORIGINS", "").split(",") if text.strip()]
    if not origins:
        raise ImproperlyConfigured(
            "RELAIS_ORIGINS is not set: name the address people use, as https://relais.example.fr."
        )
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or "*" in origin:
            raise ImproperlyConfigured(
                f"RELAIS_ORIGINS: {origin!r} is not an origin, such as https://relais.example.fr."
            )
    return origins


def _database(name: str, url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or len(parts.path) < 2:
        raise ImproperlyConfigured(f"{name} is not of the form postgresql://user:password@host:port/name.")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        # It looks at a kept connection before it uses it, and waits for none without end.
        "ENGINE": "server.kernel.postgres",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": parts.port or options.pop("port", ""),
        # The threads of the executor never end a request, and keep theirs: a connection costs ten times a statement.
        # A request over HTTP has a thread of its own, which would keep one for nobody.
        "CONN_MAX_AGE": 0,
        # A pooler in transaction mode (PgBouncer) cannot keep a cursor between transactions.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        # Parameters travel apart from the statement, which PostgreSQL then plans once for a connection.
        "OPTIONS": {
            "application_name": "relais",
            "server_side_binding": True,
            "prepare_threshold": 5 if _flag("RELAIS_PREPARED_STATEMENTS", "1") else None,
            "statement_seconds": _seconds("RELAIS_STATEMENT_SECONDS", 10),
            "connect_timeout": 3,
            # When packets vanish, the kernel finds out: of a statement on its way, and of a connection nobody uses.
            "tcp_user_timeout": 8000,
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            **options,
        },
    }


def _master_keys(text: str) -> list[bytes]:
    try:
        keys = [base64.b64decode(word, validate=True) for word in text.split()]
    except binascii.Error as error:
        raise ImproperlyConfigured("RELAIS_MASTER_KEY is not base64.") from error
    if any(len(key) != 32 for key in keys):
        raise ImproperlyConfigured("RELAIS_MASTER_KEY: each key is base64 of exactly 32 bytes.")
    return keys


def _mail(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("RELAIS_SMTP_URL is not of the form smtp://user:password@host:587.")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp",
    }


# Who may reach us, and how strict that makes us.
RELAIS_ORIGINS = _origins()
RELAIS_URL = RELAIS_ORIGINS[0]
RELAIS_PUBLIC = any(urlsplit(origin).hostname not in LOOPBACK for origin in RELAIS_ORIGINS)
RELAIS_FAKE_DELIVERY = _flag("RELAIS_FAKE_DELIVERY")
RELAIS_DEMO = _flag("RELAIS_DEMO")
DEBUG = _flag("RELAIS_DEBUG")

if RELAIS_PUBLIC and DEBUG:
    raise ImproperlyConfigured("RELAIS_DEBUG is for this machine only, and RELAIS_ORIGINS is public.")
if RELAIS_PUBLIC and RELAIS_DEMO:
    raise ImproperlyConfigured("RELAIS_DEMO lets everybody be whom they choose, and RELAIS_ORIGINS is public.")
if RELAIS_PUBLIC and RELAIS_FAKE_DELIVERY:
    raise ImproperlyConfigured("RELAIS_FAKE_DELIVERY keeps mail and SMS from people, and RELAIS_ORIGINS is public.")
if RELAIS_PUBLIC and any(not origin.startswith("https://") for origin in RELAIS_ORIGINS):
    raise ImproperlyConfigured("RELAIS_ORIGINS: a public address must be https.")

ALLOWED_HOSTS = sorted({urlsplit(origin).hostname or "" for origin in RELAIS_ORIGINS})
CSRF_TRUSTED_ORIGINS = RELAIS_ORIGINS

# Secrets.
SECRET_KEY = required_secret("RELAIS_SECRET_KEY", "make one with `openssl rand -base64 48`.")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("RELAIS_SECRET_KEY is shorter than 50 characters.")
RELAIS_MASTER_KEYS = _master_keys(required_secret("RELAIS_MASTER_KEY", "make one with `openssl rand -base64 32`."))
if RELAIS_PUBLIC:
    environment.refuse_open_files()


def _derived(purpose: str) -> str:
    """A secret for one purpose, which says nothing about the secret key or another purpose's."""
    return hmac.new(SECRET_KEY.encode(), purpose.encode(), hashlib.sha256).hexdigest()


# The application.
INSTALLED_APPS = [
    "server",
    "server.kernel",
    "identity",
    "team",
    "referral",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
]
MIDDLEWARE = [
    "server.ops.health.HealthMiddleware",
    "server.ops.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "identity.authentication.lost_devices_http.LostDeviceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
ROOT_URLCONF = "server.urls"
ASGI_APPLICATION = "server.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True

# Where things are kept.
RELAIS_DATABASE_URL = required_secret("DATABASE_URL", "name a PostgreSQL 16 or newer, or start with `relais up`.")
DATABASES = {"default": _database("DATABASE_URL", RELAIS_DATABASE_URL)}
if _owner := secret("DATABASE_OWNER_URL"):
    DATABASES["owner"] = _database("DATABASE_OWNER_URL", _owner) | {"TEST": {"MIRROR": "default"}}
REDIS_URL = required_secret("REDIS_URL", "name a Redis, or start with `relais up`.")
RELAIS_REDIS = _redis("REDIS_URL", REDIS_URL)
_broker = secret("RELAIS_BROKER_URL")
RELAIS_BROKER = _redis("RELAIS_BROKER_URL", _broker) if _broker else RELAIS_REDIS
if RELAIS_BROKER.kind == "cluster":
    raise ImproperlyConfigured(
        "Celery cannot use a Redis Cluster: name another Redis for it in RELAIS_BROKER_URL, alone or with Sentinels."
    )
if RELAIS_PUBLIC:
    environment.refuse_open_database("DATABASE_URL", RELAIS_DATABASE_URL)
    environment.refuse_open_database("DATABASE_OWNER_URL", _owner)
    environment.refuse_open_redis("REDIS_URL", REDIS_URL)
    environment.refuse_open_redis("RELAIS_BROKER_URL", _broker)
_CACHE = {
    "LOCATION": REDIS_URL,
    # One slot of a Cluster: many keys at once are only possible within one.
    "KEY_PREFIX": "{relais}",
    "OPTIONS": {"serializer": "server.kernel.cache.MsgpackSerializer"},
}
CACHES = {
    "default": {"BACKEND": "server.kernel.cache.RedisCache", **_CACHE},
    "impatient": {"BACKEND": "server.kernel.cache.ImpatientRedisCache", **_CACHE},
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [RELAIS_REDIS.layer_host()],
            "prefix": "relais",
            "symmetric_encryption_keys": [_derived("channel layer")],
        },
    }
}

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = RELAIS_BROKER.broker()
if RELAIS_BROKER.tls:
    # Celery's transport takes TLS from here or from the address's ssl_… parameters, and not from its scheme.
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED, **RELAIS_BROKER.options}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# What is handed over to carriers has a queue, and may have a worker, of its own.
# So does what inspects files, which takes memory and time.
CELERY_TASK_ROUTES = {"kernel.deliver_*": {"queue": "delivery"}, "team.check_files": {"queue": "files"}}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker, however long it is away
CELERY_BROKER_CONNECTION_TIMEOUT = 3
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # nobody uses it, and it would hold up a worker that is to end
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# Files: where they lie, and who looks for viruses in them.
RELAIS_FILES = os.environ.get("RELAIS_FILES", "")
RELAIS_ANTIVIRUS = environment.antivirus(os.environ.get("RELAIS_ANTIVIRUS", ""), public=RELAIS_PUBLIC)
if RELAIS_PUBLIC and not RELAIS_FILES:
    raise ImproperlyConfigured("RELAIS_FILES is not set: name a directory for files, or start with `relais up`.")

# For how long after it was sent a message may be changed or deleted by its author, in seconds.
RELAIS_MESSAGE_EDIT_SECONDS = 60 * _minutes("RELAIS_MESSAGE_EDIT_MINUTES", 15)
RELAIS_MESSAGE_DELETE_SECONDS = 60 * _minutes("RELAIS_MESSAGE_DELETE_MINUTES", 24 * 60)

# The audit log's anchors, outside the database.
RELAIS_AUDIT_ANCHORS = os.environ.get("RELAIS_AUDIT_ANCHORS", "")

# How many days the machine's own records are kept (docs/operations.md). What people wrote is none of these.
RELAIS_KEEP_DAYS = {
    name: _days(f"RELAIS_KEEP_{name.upper()}_DAYS", days)
    for name, days in {
        "events": 400,
        "deliveries": 400,
        "work": 400,
        "sessions": 400,
        "captured": 30,
        "audit": 1096,
    }.items()
}

# Who is who.
AUTH_USER_MODEL = "identity.Person"
AUTHENTICATION_BACKENDS = ["identity.authentication.adapters.AuthenticationBackend"]
PASSWORD_HASHERS = ["identity.authentication.passwords.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_ENGINE = "identity.sessions.store"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = RELAIS_PUBLIC
SESSION_COOKIE_NAME = "__Host-relais" if RELAIS_PUBLIC else "relais"
CSRF_COOKIE_NAME = "__Host-csrftoken" if RELAIS_PUBLIC else "csrftoken"

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_ADAPTER = "identity.authentication.adapters.AccountAdapter"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# A hospital's staff come from one address, all at eight in the morning: strict by account, generous by address. Who is
# signed in already, or has been on their device, is not kept out by a stranger who tries passwords on their account
# (identity/authentication/attempts.py).
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": None,
    "password_on_device": "5/5m/key",
    "password_on_account_from_address": "5/5m/key",
    "password_from_address": "30/m/ip",
    "password_on_account": "50/h/key",
    "second_factor": "10/5m/key",
    "new_password": "3/30m/key",
    "new_password_from_address": "60/h/ip",
    "new_password_key": "30/m/ip",
    "psc": "120/m/ip",
    "psc_logout": "600/m/ip",
    "push": "10/m/ip",
    "push_to_person": "5/10m/key",
}
PASSWORD_RESET_TIMEOUT = 3600
MFA_ADAPTER = "identity.authentication.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not RELAIS_PUBLIC
MFA_TOTP_ISSUER = "Relais"
MFA_TOTP_TOLERANCE = 1
HEADLESS_ADAPTER = "identity.authentication.adapters.HeadlessAdapter"
HEADLESS_CLIENTS = ("browser",)
HEADLESS_ONLY = True

# What a browser may do with our pages. The content policy itself is in server/headers.py.
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if RELAIS_PUBLIC else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = RELAIS_PUBLIC
SECURE_SSL_REDIRECT = False  # the proxy redirects; behind it everything is https or not from a browser

RELAIS_TRUSTED_PROXIES = _count("RELAIS_TRUSTED_PROXIES")
if RELAIS_PUBLIC and not RELAIS_TRUSTED_PROXIES:
    # People come by https, which we do not speak: there is a proxy. Uncounted, everybody would share its limits.
    raise ImproperlyConfigured(
        "RELAIS_TRUSTED_PROXIES is 0, and RELAIS_ORIGINS is public: a proxy ends its TLS. Say how many of yours stand"
        " before the web processes (1), and let it set X-Forwarded-For and X-Forwarded-Proto."
    )
ALLAUTH_TRUSTED_PROXY_COUNT = RELAIS_TRUSTED_PROXIES
if RELAIS_TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Mail.
DEFAULT_FROM_EMAIL = os.environ.get("RELAIS_MAIL_FROM") or "Relais <ne-pas-repondre@localhost>"
EMAIL_TIMEOUT = 20
if RELAIS_FAKE_DELIVERY:
    EMAIL_BACKEND = "server.kernel.delivery.captured_mail.EmailBackend"
elif _smtp := secret("RELAIS_SMTP_URL"):
    globals().update(_mail(_smtp))

# SMS.
RELAIS_SMS_URL = os.environ.get("RELAIS_SMS_URL", "")
RELAIS_SMS_TOKEN = secret("RELAIS_SMS_TOKEN")
if RELAIS_SMS_URL and urlsplit(RELAIS_SMS_URL).scheme not in {"https", "https" if RELAIS_PUBLIC else "http"}:
    raise ImproperlyConfigured("RELAIS_SMS_URL: a patient's number and appointment travel by https only.")

RELAIS_SMS_COUNTRIES = frozenset(os.environ.get("RELAIS_SMS_COUNTRIES", "").replace(",", " ").upper().split())
if unknown := RELAIS_SMS_COUNTRIES - phonenumbers.SUPPORTED_REGIONS:
    raise ImproperlyConfigured(f"RELAIS_SMS_COUNTRIES: {', '.join(sorted(unknown))} is no code of a country.")

# Who checks identity documents, and how many moderators must agree.
RELAIS_ONFIDO_TOKEN = secret("RELAIS_ONFIDO_TOKEN")
RELAIS_ONFIDO_URL = os.environ.get("RELAIS_ONFIDO_URL") or "https://api.eu.onfido.com/v3.6"
RELAIS_ONFIDO_WORKFLOW = os.environ.get("RELAIS_ONFIDO_WORKFLOW", "")
RELAIS_ONFIDO_WEBHOOK_TOKEN = secret("RELAIS_ONFIDO_WEBHOOK_TOKEN")
if RELAIS_DEMO and not RELAIS_ONFIDO_TOKEN:  # The demo plays the provider (server/demo/onfido.py).
    RELAIS_ONFIDO_URL = f"{RELAIS_URL}/demo/onfido/api"
    RELAIS_ONFIDO_TOKEN, RELAIS_ONFIDO_WEBHOOK_TOKEN = _derived("the demo's checks"), _derived("the demo's notices")
    RELAIS_ONFIDO_WORKFLOW = "5f0d1a52-7b3e-4a0f-8d3b-9f5f8a8f7c11"
if RELAIS_ONFIDO_TOKEN and not RELAIS_ONFIDO_WORKFLOW:
    raise ImproperlyConfigured("RELAIS_ONFIDO_WORKFLOW is not set: name the workflow that checks document and face.")
if RELAIS_PUBLIC and urlsplit(RELAIS_ONFIDO_URL).scheme != "https":
    raise ImproperlyConfigured("RELAIS_ONFIDO_URL: people's names travel by https only.")
RELAIS_REVIEW_OPINIONS = _count("RELAIS_REVIEW_OPINIONS") or 2

# Who may read the metrics from elsewhere.
RELAIS_METRICS_TOKEN = secret("RELAIS_METRICS_TOKEN")
if RELAIS_METRICS_TOKEN and len(RELAIS_METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("RELAIS_METRICS_TOKEN is shorter than 20 characters.")

# Who proves identities to us.
RELAIS_PSC = psc_configuration.read(os.environ, secret("RELAIS_PSC_CLIENT_SECRET"), public=RELAIS_PUBLIC)
RELAIS_CPS = cps_configuration.read(os.environ, secret("RELAIS_CPS_SECRET"), public=RELAIS_PUBLIC)
if RELAIS_CPS is not None:
    ALLOWED_HOSTS.append(urlsplit(RELAIS_CPS.url).hostname or "")
if RELAIS_PSC is None and RELAIS_DEMO:
    RELAIS_PSC = psc_configuration.demo(RELAIS_URL, _derived("the demo's provider"))

# The client that the web process serves, built by `make`.
RELAIS_WEB_CLIENT = Path(os.environ.get("RELAIS_WEB_CLIENT", ROOT / "clients" / "web" / "dist"))

LOGGING_CONFIG = "server.kernel.logs.configure"
LOGGING = {"level": os.environ.get("RELAIS_LOG_LEVEL", "INFO")}
