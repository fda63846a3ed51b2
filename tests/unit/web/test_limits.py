"""Limits as values, and the counting of events per key."""

from __future__ import annotations

import pytest

from holofleet.web.limits import ConnectionLimits, Limits, Rate, TokenBuckets, address_key


class Stopwatch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_key_may_do_its_burst_at_once_and_then_its_rate() -> None:
    watch = Stopwatch()
    buckets = TokenBuckets(Rate(2, 3), now_s=watch)
    assert [buckets.take("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert buckets.take("a") == pytest.approx(0.5)
    watch.now += 0.5
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0


def test_keys_do_not_pay_for_each_other() -> None:
    buckets = TokenBuckets(Rate(0.001, 1), now_s=Stopwatch())
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0.0


def test_a_refused_event_costs_nothing_more() -> None:
    watch = Stopwatch()
    buckets = TokenBuckets(Rate(1, 1), now_s=watch)
    buckets.take("a")
    for _ in range(100):
        buckets.take("a")
    watch.now += 1.0
    assert buckets.take("a") == 0.0


def test_the_number_of_keys_is_bounded_and_the_one_seen_last_is_kept() -> None:
    buckets = TokenBuckets(Rate(0.001, 1), now_s=Stopwatch(), kept=10)
    for n in range(1000):
        buckets.take(f"key-{n}")
    assert len(buckets) == 10
    assert buckets.take("key-999") > 0


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "20010db800010002/64"),
        ("2001:db8:1:2::9", "20010db800010002/64"),
        ("fe80::1%eth0", "fe80000000000000/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_address_is_an_ipv4_address_or_an_ipv6_network(host: str, key: str) -> None:
    assert address_key(host) == key


def test_limits_are_raised_by_name_only_and_sizes_and_times_stay() -> None:
    raised = Limits().raised("demo", headsets=5_000)
    assert raised.connection.handshakes.burst >= 5_000
    assert raised.enrollment.rate.burst >= 5_000
    assert raised.enrollment.body_bytes == Limits().enrollment.body_bytes
    assert raised.connection.head_timeout_s == ConnectionLimits().head_timeout_s
    with pytest.raises(ValueError, match="not raised"):
        Limits().raised("loopback", headsets=1)


def test_DOS_1_the_numbers_are_those_of_the_budget() -> None:
    limits, connection = Limits(), ConnectionLimits()
    assert (limits.discovery.body_bytes, limits.discovery.rate) == (16_384, Rate(20, 200))
    assert (limits.enrollment.body_bytes, limits.enrollment.rate) == (65_536, Rate(5, 50))
    assert (limits.management_bytes, limits.issuances_at_once) == (1_048_576, 4)
    assert (limits.api.body_bytes, limits.api.rate) == (1_048_576, Rate(20, 100))
    assert (limits.import_bytes, limits.page) == (33_554_432, 500)
    assert limits.sessions == Rate(0.1, 20)
    assert (connection.handshake_timeout_s, connection.head_timeout_s, connection.body_timeout_s) == (10, 10, 60)
    assert (connection.handshakes, connection.keep_alive_s) == (Rate(20, 200), 75)
    assert (connection.head_bytes, connection.head_fields, connection.body_bytes_per_s) == (16_384, 64, 1_024)
