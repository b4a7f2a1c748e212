"""The door: who is welcome by Host, Origin, session and patience."""

from __future__ import annotations

import pytest

from facade.core.clock import StepClock
from facade.web.auth import ANY_ADDRESS, SESSION_S, TRIES, TRIES_ALL, TRY_WINDOW_S, HostRules, Sessions, TryLimit


@pytest.mark.parametrize(
    ("host", "welcome"),
    [
        ("localhost:8000", True),
        ("LOCALHOST", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("evil.example:8000", False),
        ("localhost.evil.example", False),
        ("192.168.1.20:8000", False),
        ("user@localhost", False),
        ("localhost/x", False),
        ("localhost:port", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_a_local_page_answers_to_its_own_names_only(host: str, welcome: bool):
    assert HostRules(["localhost", "127.0.0.1", "::1"]).host_is_welcome(host) is welcome


@pytest.mark.parametrize(
    ("host", "welcome"),
    [
        ("192.168.1.20:8000", True),
        ("[fe80::1]:8000", True),
        ("facade.local", True),
        ("evil.example", False),
        ("", False),
    ],
)
def test_an_open_page_answers_to_any_number_but_not_to_any_name(host: str, welcome: bool):
    assert HostRules(["facade.local", ANY_ADDRESS]).host_is_welcome(host) is welcome


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        (None, True),
        ("http://localhost:8000", True),
        ("https://localhost:8000", True),
        ("http://localhost:9000", False),
        ("http://evil.example", False),
        ("null", False),
        ("file://localhost:8000", False),
    ],
)
def test_only_our_own_page_may_change_things(origin: str | None, welcome: bool):
    assert HostRules(["localhost"]).origin_is_welcome(origin, host="localhost:8000") is welcome


def test_a_session_outlives_a_restart_but_not_its_week_nor_a_new_password():
    clock = StepClock()
    cookie = Sessions("moonlight", clock).cookie()
    restarted, changed = Sessions("moonlight", clock), Sessions("sunlight", clock)

    assert restarted.is_open(cookie)
    assert not changed.is_open(cookie)
    clock.advance(SESSION_S + 2)
    assert not restarted.is_open(cookie)


@pytest.mark.parametrize(
    "cookie", [None, "", ".", "9999999999.", "9999999999.00", "x.y", "٣.a", "1e9.a", "9" * 40 + ".a"]
)
def test_a_made_up_cookie_opens_nothing(cookie: str | None):
    assert not Sessions("moonlight", StepClock()).is_open(cookie)


def test_a_signature_does_not_fit_another_time():
    sessions = Sessions("moonlight", StepClock())
    until, _, signature = sessions.cookie().partition(".")
    assert not sessions.is_open(f"{int(until) + 1}.{signature}")


def test_without_a_password_everybody_is_in():
    sessions = Sessions(None, StepClock())
    assert not sessions.needed
    assert sessions.is_open(None)


def test_the_password_is_compared_whole():
    sessions = Sessions("moonlight", StepClock())
    assert sessions.check("moonlight")
    assert not sessions.check("moonligh")
    assert not sessions.check("")


def test_tries_are_limited_for_one_address_and_for_all_and_come_back():
    clock = StepClock()
    limit = TryLimit(clock)
    assert [limit.may_try("a") for _ in range(TRIES + 1)] == [True] * TRIES + [False]
    assert limit.may_try("b")
    allowed = sum(limit.may_try(f"c{i}") for i in range(100))
    assert allowed == TRIES_ALL - TRIES - 1
    clock.advance(TRY_WINDOW_S + 1)
    assert limit.may_try("a")
