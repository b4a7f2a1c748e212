"""A page message is read strictly: a change, an acknowledgement or a wish, else a sentence with thing, rule and fix."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.core.errors import InputError
from facade.web.messages import MAX_MESSAGE_CHARS, MessageError, Post, Seen, Watch, decode, error_reply


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ('{"post": "/master", "args": [0.5]}', Post("/master", (0.5,))),
        ('{"post": "/show/go", "id": 7}', Post("/show/go", (), 7)),
        (
            '{"post": "/piece/tide_clock/swell", "args": [1, true, null, "x"]}',
            Post("/piece/tide_clock/swell", (1, True, None, "x")),
        ),
        ('{"seen": 4294967295}', Seen(2**32 - 1)),
        ('{"watch": false}', Watch(False)),
    ],
)
def test_sound_messages_are_understood(text: str, meaning: object):
    assert decode(text) == meaning


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 3000, "not valid JSON"),
        ("[1]", "is a list, not an object"),
        ("null", "is null, not an object"),
        ("{}", "exactly one"),
        ('{"post": "/master", "seen": 1}', "exactly one"),
        ('{"post": 5}', "address 5"),
        ('{"post": "master"}', "after a slash"),
        ('{"post": "/a/*"}', "after a slash"),
        ('{"post": "/a//b"}', "after a slash"),
        ('{"post": "/' + "a" * 64 + '"}', "after a slash"),
        ('{"post": "/a\\n"}', "after a slash"),
        ('{"post": "/a", "args": 1}', "list of at most 16"),
        ('{"post": "/a", "args": ' + json.dumps([0] * 17) + "}", "list of at most 16"),
        ('{"post": "/a", "args": [NaN]}', "not valid JSON"),
        ('{"post": "/a", "args": [1e999]}', "finite number"),
        ('{"post": "/a", "args": [90071992547409930]}', "finite number"),
        ('{"post": "/a", "args": [[1]]}', "separate numbers"),
        ('{"post": "/a", "args": [{"a": 1}]}', "separate numbers"),
        ('{"post": "/a", "args": ["\\u0007"]}', "printable"),
        ('{"post": "/a", "args": ["' + "x" * 257 + '"]}', "256"),
        ('{"post": "/a", "id": "7"}', "whole number"),
        ('{"post": "/a", "id": true}', "whole number"),
        ('{"post": "/a", "color": 1}', '"color" is not a key'.replace(" is", ": is")),
        ('{"seen": -1}', "frame number"),
        ('{"seen": 1.5}', "frame number"),
        ('{"watch": 1}', "true or false"),
        ('{"watch": true, "id": 1}', "is not a key"),
        (" " * (MAX_MESSAGE_CHARS + 1), "at most 4096"),
    ],
)
def test_wrong_messages_are_answered_with_the_rule(text: str, says: str):
    with pytest.raises(MessageError) as caught:
        decode(text)
    error = caught.value
    assert says in str(error)
    assert all((error.thing, error.rule, error.fix))
    assert len(str(error)) < 400


def test_a_refusal_carries_the_pages_own_number():
    with pytest.raises(MessageError) as caught:
        decode('{"post": "/a", "args": [[]], "id": 12}')
    assert error_reply(caught.value)["id"] == 12
    assert error_reply(InputError("/a: no."), id=3) == {"type": "error", "text": "/a: no.", "id": 3}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["post", "args", "id", "seen", "watch", "x"]), inner)
    ),
    max_leaves=12,
)


@given(json_values.map(json.dumps) | st.text(max_size=200))
def test_nothing_a_page_sends_escapes_as_another_error(text: str):
    with contextlib.suppress(MessageError):
        assert isinstance(decode(text), (Post, Seen, Watch))
