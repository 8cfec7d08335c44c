"""Turns and rates: nobody waits for another one's many, and what one asks for keeps its order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.kernel.rates import Bucket, Rates
from server.kernel.turns import Turns


def everything(turns: Turns[str]) -> list[str]:
    found = []
    while (taken := turns.take()) is not None:
        found.append(taken[1])
    return found


def test_owners_take_turns_and_each_ones_order_is_kept() -> None:
    turns = Turns[str](places=6, share=6)
    for one in ("a1", "a2", "a3", "b1", "c1", "c2"):
        turns.add(one[0], one)
    assert everything(turns) == ["a1", "b1", "c1", "a2", "c2", "a3"]
    assert not turns


def test_one_owner_takes_no_more_than_its_share() -> None:
    turns = Turns[str](places=6, share=2)
    for one in ("a1", "a2", "a3", "a4", "b1"):
        turns.add(one[0], one)
    assert everything(turns) == ["a1", "b1", "a2"]
    turns.done("a")
    assert everything(turns) == ["a3"]
    turns.done("b")
    assert everything(turns) == []
    turns.done("a")
    turns.done("a")
    assert everything(turns) == ["a4"]


def test_there_are_only_so_many_places() -> None:
    turns = Turns[int](places=2, share=2)
    for number in range(4):
        turns.add(number, number)
    assert [taken for taken in (turns.take(), turns.take(), turns.take()) if taken] == [(0, 0), (1, 1)]
    turns.done(0)
    assert turns.take() == (2, 2)


@given(st.lists(st.tuples(st.sampled_from("add take done drop".split()), st.sampled_from("abc"))))
def test_nothing_is_lost_doubled_or_starved_whatever_happens(steps: list[tuple[str, str]]) -> None:
    turns = Turns[int](places=3, share=2)
    waiting: dict[str, list[int]] = {"a": [], "b": [], "c": []}
    running = {"a": 0, "b": 0, "c": 0}
    for number, (step, owner) in enumerate(steps):
        if step == "add":
            turns.add(owner, number)
            waiting[owner].append(number)
        elif step == "take":
            taken = turns.take()
            may = [one for one in waiting if waiting[one] and running[one] < 2 and sum(running.values()) < 3]
            assert (taken is None) == (not may)
            if taken is not None:
                assert taken[0] in may
                assert taken[1] == waiting[str(taken[0])].pop(0)
                running[str(taken[0])] += 1
        elif step == "done" and running[owner]:
            turns.done(owner)
            running[owner] -= 1
        elif step == "drop":
            assert turns.head(owner) == (waiting[owner][0] if waiting[owner] else None)
            if waiting[owner]:
                turns.drop(owner)
                waiting[owner].pop(0)
        assert len(turns) == sum(map(len, waiting.values()))
        assert set(turns.owners()) == {one for one in waiting if waiting[one]}


def test_a_bucket_refills_with_time() -> None:
    bucket = Bucket(2.0, 1.0, 2.0, 0.0)
    assert [bucket.take(0.0), bucket.take(0.0), bucket.take(0.0)] == [0.0, 0.0, 1.0]
    assert bucket.take(1.0) == 0.0


def test_each_has_a_bucket_of_their_own_and_those_who_are_gone_are_forgotten() -> None:
    rates = Rates(burst=1, per_second=1)
    assert rates.take("a", 0.0) == 0.0
    assert rates.take("a", 0.0) == 1.0
    assert rates.take("b", 0.0) == 0.0
    for number in range(25_000):
        rates.take(number, 10.0 + number / 1000)
    assert len(rates._buckets) < 11_000
    assert rates.take("a", 100.0) == 0.0
