"""What one machine's show tells the other's."""

from __future__ import annotations

import pytest

from facade.core.errors import InputError
from facade.delivery.relay import ShowRelay
from facade.protocols.heartbeat import Role, make_key
from facade.protocols.show_position import PositionMessage, ShowPosition, decode, encode

KEY = make_key("house", "")


def sent(position):
    """The position as it arrives."""
    return decode(encode(PositionMessage(Role.MAIN, 1, 1, position), KEY), KEY).position


def test_age_goes_on_between_reports_and_stands_still_while_the_show_is_paused():
    relay = ShowRelay("")
    relay.stands(ShowPosition("", "dusk", age_s=10.0), 100.0)
    assert relay.tell(100.4, values=True).age_s == pytest.approx(10.4)

    relay.stands(ShowPosition("", "dusk", age_s=11.0, paused=True), 101.0)
    assert relay.tell(190.0, values=True).age_s == 11.0


@pytest.mark.parametrize(
    "other",
    [
        ShowPosition("", "dawn"),
        ShowPosition("", "dusk", index=1),
        ShowPosition("", "dusk", holding=True),
        ShowPosition("", "dusk", paused=True),
    ],
)
def test_another_cue_is_news_until_it_is_told_and_age_is_none(other):
    relay = ShowRelay("")
    assert not relay.has_news
    relay.stands(ShowPosition("", "dusk"), 0.0)
    assert relay.has_news
    relay.tell(0.0, values=False)
    relay.stands(ShowPosition("", "dusk", age_s=5.0), 5.0)
    assert not relay.has_news

    relay.stands(other, 6.0)
    assert relay.has_news


def test_however_many_values_there_are_all_are_told_in_packets_of_bounded_size():
    relay = ShowRelay("0123456789ab")
    relay.stands(ShowPosition("", "dusk"), 0.0)
    moved = {f"/piece/ember/parameter_{k}": k / 7 for k in range(200)}
    for address, value in moved.items():
        relay.moved(address, value)

    found = {}
    for second in range(12):
        found |= sent(relay.tell(second, values=True)).values

    assert found == moved


def test_what_was_moved_last_is_told_first_and_what_a_cue_replaced_no_longer():
    relay = ShowRelay("")
    relay.stands(ShowPosition("", "dusk"), 0.0)
    for k in range(200):
        relay.moved(f"/piece/ember/parameter_{k}", 0.5)
    relay.moved("/piece/ember/parameter_7", 0.9)
    relay.moved("/piece/ember/parameter_8", None)

    first = relay.tell(0.0, values=True).values

    assert next(iter(first.items())) == ("/piece/ember/parameter_7", 0.9)
    for _ in range(20):
        assert "/piece/ember/parameter_8" not in relay.tell(0.0, values=True).values


def test_a_value_too_long_for_a_packet_is_left_out_and_holds_up_no_other():
    relay = ShowRelay("")
    relay.stands(ShowPosition("", "dusk"), 0.0)
    relay.moved("/piece/crowd/people", tuple(range(256)))
    relay.moved("/piece/crowd/word", "w" * 5000)
    relay.moved("/piece/ember/warmth", 0.5)

    assert sent(relay.tell(0.0, values=True)).values == {"/piece/ember/warmth": 0.5}


def test_an_evening_of_any_length_can_be_told():
    relay = ShowRelay("")
    relay.stands(ShowPosition("", "dusk", index=10**9, age_s=1e12), 0.0)

    try:
        sent(relay.tell(1e12, values=True))
    except InputError as error:
        pytest.fail(str(error))


def test_another_show_is_followed_by_the_names_of_its_cues_and_told_once(caplog):
    relay = ShowRelay("mine")
    for second in range(3):
        relay.hear(ShowPosition("theirs", "dusk", age_s=second), second)

    assert relay.heard().position.age_s == 2.0
    assert relay.heard() is None
    assert [r.getMessage().count("another show") for r in caplog.records] == [1]
