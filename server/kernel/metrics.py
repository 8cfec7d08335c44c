"""What this server measures of itself, for Prometheus: counts and durations, never a person, a thing or a text.

``server/health.py`` hands it out. Labels are methods, reasons and codes of the protocol: few, and known beforehand.
"""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

requests = Histogram("relais_http_seconds", "Time to answer an HTTP request", ["method", "status"])
sockets = Gauge("relais_sockets", "Sockets that are open and greeted", multiprocess_mode="livesum")
closes = Counter("relais_closes", "Sockets that the server closed, by close code", ["code"])
transactions = Histogram("relais_transaction_seconds", "Time of a transaction, commit included")
batches = Histogram("relais_batch_calls", "Calls that share a transaction", buckets=(1, 2, 4, 8, 16, 32, 64, 128))
replays = Counter("relais_hub_replays", "Times this process read announcements that it may not have heard over Redis")
deliveries = Counter("relais_deliveries", "Messages to people outside, by channel and outcome", ["channel", "outcome"])
parts = Gauge(
    "relais_part_works",
    "Whether database, redis and worker did their part when a process was last asked",
    ["part"],
    multiprocess_mode="mostrecent",
)
waits = Counter("relais_hub_waits", "Times the hub waited for Redis or the database", ["part"])
refusals_not_noted = Counter("relais_refusals_not_noted", "Refusals left out of the audit log: too many kinds at once")

_commands = Counter("relais_commands", "Commands carried out or refused, by method and reason", ["method", "outcome"])


@cache
def command(method: str, outcome: str) -> Counter:
    """The count of one method and outcome: ``done``, or the reason of the refusal."""
    return _commands.labels(method, outcome)
