"""What `hello` costs: CPU of the process that answers and of PostgreSQL, and how large the answer is.

    python -m tests.bench.hello

A person with 50 conversations, as many groups as direct ones, on a PostgreSQL of its own. Measured from the decoded
request to the encoded answer, by the CPU time of the process and of its connection's backend; after a warm-up, since a
process that has just started plans and loads what a later one does not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.deployment import installed

if TYPE_CHECKING:  # Nothing of these can be imported before Django is set up.
    from server.kernel.wire.handshake import Hello, Welcome
    from tests.factories import Account

CONVERSATIONS = 50
TIMES = 400
TOGETHER = 32
Figures = dict[str, Any]
BODY = "Bonjour, pourriez-vous me donner votre avis sur le bilan de cette semaine ? Je vous remercie d'avance. " * 2


def run() -> Figures:
    """The figures, measured in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.hello"], stdout=subprocess.PIPE, check=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def measure() -> Figures:
    with installed():
        from server import registry

        registry.install()
        ada = person_of(CONVERSATIONS)
        welcome = answer([ada], request({}))[0]
        cursors = {state.stream: state.head for state in welcome.streams}
        behind = {stream: head - (number < 5) for number, (stream, head) in enumerate(sorted(cursors.items()))}
        return {
            "conversations": CONVERSATIONS,
            "without_cursors": _cost([ada], request({})),
            "with_cursors": _cost([ada], request(cursors)),
            "with_cursors_and_5_behind": _cost([ada], request(behind)),
            "together": _cost([person_of(1) for _ in range(TOGETHER)], request({}), times=TIMES // 8),
        }


def person_of(conversations: int) -> Account:
    """Somebody with so many conversations: of two, and of five people, in turns; in each the others wrote."""
    from server.kernel.dispatch import dispatch
    from server.kernel.identifiers import uuid7
    from team.conversations.wire import OpenConversation
    from team.messages.wire import ReadMessages, SendMessage
    from tests.factories import account, acquainted

    ada, others = account(), [account() for _ in range(4)]
    acquainted(ada, *others)
    for number in range(conversations):
        is_group = number % 2 == 1
        members = others if is_group else [account()]
        command = OpenConversation(
            id=uuid7(),
            kind="group" if is_group else "direct",
            members=[one.id for one in members],
            title=f"Patient {number}, sortie d'hospitalisation" if is_group else None,
        )
        conversation = dispatch(ada.actor, command).conversation.id
        for _ in range(3):
            sent = dispatch(members[0].actor, SendMessage(id=uuid7(), conversation=conversation, body=BODY)).message
        if number >= 8:  # The rest is read.
            dispatch(ada.actor, ReadMessages(conversation=conversation, seq=sent.seq))
    return ada


def request(cursors: dict[str, int]) -> Hello:
    from server.kernel.wire.handshake import Client, Hello

    return Hello(protocol=1, client=Client(name="bench"), cursors=cursors or None)


def answer(people: Sequence[Account], command: Hello) -> list[Welcome]:
    from server.kernel.dispatch import Call, dispatch_batch, is_batchable
    from server.kernel.executor import RUN_SECONDS

    calls = [Call(one.actor, command) for one in people]
    batches = [calls] if is_batchable(command) else [[call] for call in calls]
    outcomes = [outcome for batch in batches for outcome in dispatch_batch(batch, RUN_SECONDS)[0]]
    return [outcome.result for outcome in outcomes if outcome.result is not None]


def _cost(people: Sequence[Account], command: Hello, times: int = TIMES) -> Figures:
    """Milliseconds of CPU for each answer, and the bytes of the largest."""
    from django.db import connection

    from server.kernel.wire import frame

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    size = max(len(frame.result(1, welcome).encode()) for welcome in answer(people, command))
    for _ in range(20):
        answer(people, command)
    wall, ours, theirs = time.perf_counter(), time.process_time(), _cpu(backend)
    for _ in range(times):
        for welcome in answer(people, command):
            frame.result(1, welcome)
    count = times * len(people)
    return {
        "cpu_ms": round((time.process_time() - ours) / count * 1000, 3),
        "postgresql_cpu_ms": round((_cpu(backend) - theirs) / count * 1000, 3),
        "wall_ms": round((time.perf_counter() - wall) / count * 1000, 3),
        "bytes": size,
    }


def _cpu(process: int) -> float:
    """Seconds of CPU that a process has had."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
