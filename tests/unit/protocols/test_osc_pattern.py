"""Address patterns: what they reach, and that no pattern is dear."""

from __future__ import annotations

import pytest

from facade.core.errors import InputError
from facade.protocols.osc_pattern import AddressPattern, is_pattern


@pytest.mark.parametrize(
    ("pattern", "address", "reached"),
    [
        ("/a/b", "/a/b", True),
        ("/a/b", "/a/bc", False),
        ("/a/?", "/a/b", True),
        ("/a/?", "/a/", False),
        ("/a/*", "/a/", True),
        ("/a/*", "/a/anything", True),
        ("/a/*", "/a/b/c", False),
        ("/*/b", "/x/b", True),
        ("/a*z", "/az", True),
        ("/a*z", "/abcz", True),
        ("/a*z", "/abczy", False),
        ("/*a*b*", "/xxaxxbxx", True),
        ("/*a*b*", "/xxbxxaxx", False),
        ("/f[0-9]", "/f7", True),
        ("/f[0-9]", "/fa", False),
        ("/f[!0-9]", "/fa", True),
        ("/f[!0-9]", "/f7", False),
        ("/f[9-0]", "/f5", True),
        ("/f[abc-]", "/f-", True),
        ("/f[!a]*[!b]", "/fxyz", True),
        ("/f[!a]*[!b]", "/faz", False),
        ("/{fader,knob}/1", "/knob/1", True),
        ("/{fader,knob}/1", "/kno/1", False),
        ("/{a,ab}*{c,bc}", "/abc", True),
        ("/{a,ab}?c", "/abc", True),
        ("/{,x}y", "/y", True),
        ("/***", "/abc", True),
    ],
)
def test_a_pattern_reaches_what_the_standard_says(pattern: str, address: str, reached: bool) -> None:
    assert AddressPattern(pattern).matches(address) is reached


@pytest.mark.parametrize(
    "pattern",
    [
        "a/b",
        "/a//b*",
        "/[a",
        "/a]",
        "/{a",
        "/a}",
        "/{a,[bc]}",
        "/[]",
        "/{}",
        "/*/[a{b]}",
        "/" + "*" * 17,
        "/" + "a" * 128,
        "/{a,b,c}{a,b,c}{a,b,c}",
        "/[a-é]",
    ],
)
def test_a_malformed_or_overlarge_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InputError, match="address pattern"):
        AddressPattern(pattern)


class CountingText(str):
    """A text that counts how many of its characters were looked at."""

    looked_at = 0

    def __iter__(self):  # type: ignore[no-untyped-def]
        for character in str.__iter__(self):
            CountingText.looked_at += 1
            yield character


def test_the_pattern_that_froze_a_show_for_20_s_looks_at_each_character_once() -> None:
    part = AddressPattern("/" + "*a" * 8).parts[0]
    text = CountingText("a" * 200 + "b")
    assert not part.matches(text)
    assert CountingText.looked_at == len(text)


def test_plain_addresses_are_no_patterns() -> None:
    assert not is_pattern("/piece/ember/heat")
    assert is_pattern("/piece/ember/hea?")
