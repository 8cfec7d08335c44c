"""What hashing costs, however many sign in at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from identity.authentication import passwords
from server.kernel.wire.errors import Unavailable
from tests.relais_process import ROOT

MANY_AT_ONCE = """
import re, threading, django
django.setup()
from django.contrib.auth.hashers import check_password, make_password

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024

encoded, before = make_password("correct horse battery staple"), peak()
threads = [threading.Thread(target=check_password, args=("wrong", encoded)) for _ in range(12)]
threads += [threading.Thread(target=make_password, args=("nobody's",)) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(peak() - before)
"""


def test_many_passwords_at_once_take_little_memory() -> None:
    """In MiB, beyond what hashing one took: each of the 24 would take 19 by itself."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "server.settings"}
    done = subprocess.run(
        [sys.executable, "-c", MANY_AT_ONCE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 100


def test_the_cost_is_the_recommended_one() -> None:
    encoded = make_password("correct horse battery staple")
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert isinstance(identify_hasher(encoded), passwords.PasswordHasher)
    assert check_password("correct horse battery staple", encoded)


def test_who_waits_too_long_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    opened = threading.Event()
    try:
        for _ in range(passwords.AT_ONCE):
            passwords._threads.submit(opened.wait, 10)
        with pytest.raises(Unavailable) as refused:
            make_password("correct horse battery staple")
        assert refused.value.data == {"retry_after": 5}
    finally:
        opened.set()
    monkeypatch.undo()
    assert make_password("correct horse battery staple")
