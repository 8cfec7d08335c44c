"""The addresses of Redis: what each names, and what is no address."""

from __future__ import annotations

import pytest

from server.kernel.redis_servers import WrongAddressError, parse


def test_sentinels_are_asked_for_the_master_and_celery_too() -> None:
    found = parse("redis+sentinel://:secret@one,two:26380/3?master=relais&sentinel_password=other")
    assert found.nodes == (("one", 26379), ("two", 26380))
    assert (found.master, found.password, found.sentinel_password, found.database) == ("relais", "secret", "other", 3)
    url, options = found.broker()
    assert url == "sentinel://:secret@one:26379/3;sentinel://:secret@two:26380/3"
    assert options["master_name"] == "relais"
    assert options["sentinel_kwargs"]["password"] == "other"


def test_a_cluster_may_be_reached_by_tls_and_by_ipv6() -> None:
    found = parse("rediss+cluster://relais:s%40crat@[::1]:7000,b:7001?ssl_ca_certs=/ca.pem")
    assert found.nodes == (("::1", 7000), ("b", 7001))
    assert (found.username, found.password, found.tls) == ("relais", "s@crat", True)
    assert found.layer_host()["ssl_ca_certs"] == "/ca.pem"


@pytest.mark.parametrize("address", ["redis://h:1/0?socket_timeout=1", "unix:///a/b.sock", "rediss://:p@h/0"])
def test_every_wait_for_redis_has_an_end(address: str) -> None:
    host = parse(address).layer_host()
    _, options = parse(address).broker()
    for limits in (host, options):
        assert 0 < limits["socket_timeout"] <= 5
        assert 0 < limits["socket_connect_timeout"] <= 5
    assert options["health_check_interval"] == 5


def test_limits_in_an_address_are_celery_s_too_and_leave_its_address() -> None:
    url, options = parse("redis://h:1/0?health_check_interval=1").broker()
    assert (url, options["health_check_interval"]) == ("redis://h:1/0", 1.0)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://h", "begin with redis://"),
        ("redis+sentinel://h", "?master=NAME"),
        ("redis+cluster://h/1", "no numbered databases"),
        ("redis+cluster://h:x", "host:port"),
        ("redis+sentinel://h/x?master=m", "number of a database"),
    ],
)
def test_what_is_no_address_is_refused_in_words(address: str, said: str) -> None:
    with pytest.raises(WrongAddressError) as refused:
        parse(address)
    assert said in str(refused.value)
