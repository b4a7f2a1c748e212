"""OSC address patterns, matched in time linear in the address whatever the pattern says.

``?`` one character, ``*`` any run, ``[a-z]`` ``[!a-z]`` one of a class, ``{a,b}`` one of several texts; none crosses a
slash (OSC 1.0, "OSC Message Dispatching and Pattern Matching"). Written after a regular expression made from a
29-byte pattern of ten stars froze a 60 Hz loop for 20 s: here every alternative is laid side by side in one integer
and each character of the address moves all of them at once (the shift-and algorithm), so there is no backtracking.
"""

from __future__ import annotations

from facade.core.errors import InputError

MAX_PATTERN = 128
MAX_WILDCARDS = 16
"""Of ? * [ { together, in one pattern."""
MAX_ALTERNATIVES = 16
"""Texts that the braces of one part spell out, multiplied."""

WILDCARDS = frozenset("?*[]{}")


def is_pattern(address: str) -> bool:
    """Whether an address holds any wildcard character."""
    return not WILDCARDS.isdisjoint(address)


class PartPattern:
    """A compiled pattern for one part of an address, the text between two slashes. Raises InputError if malformed."""

    __slots__ = ("_any", "_ends", "_loops", "_masks", "_starts")

    def __init__(self, pattern: str) -> None:
        self._starts = self._ends = self._loops = self._any = 0
        self._masks: dict[str, int] = {}
        base = 0
        for text in _alternatives(pattern):
            base = self._lay(text, base)

    def matches(self, part: str) -> bool:
        """Whether the whole of part matches."""
        active = self._starts
        masks, other, loops = self._masks, self._any, self._loops
        for character in part:
            active = ((active & masks.get(character, other)) << 1) | (active & loops)
            if not active:
                return False
        return bool(active & self._ends)

    def _lay(self, text: str, base: int) -> int:
        """Lay one alternative at bit base and return the first free bit. Bit i set: the first i tokens have matched."""
        self._starts |= 1 << base
        at, index = base, 0
        while index < len(text):
            character = text[index]
            if character == "*":
                self._loops |= 1 << at
            elif character == "?":
                self._allow(at, set(), negated=True)
                at += 1
            elif character == "[":
                end = text.index("]", index + 1)
                inside = text[index + 1 : end]
                negated = inside.startswith("!")
                self._allow(at, _members(inside[1:] if negated else inside), negated=negated)
                index = end
                at += 1
            else:
                self._allow(at, {character}, negated=False)
                at += 1
            index += 1
        self._ends |= 1 << at
        return at + 1

    def _allow(self, at: int, characters: set[str], *, negated: bool) -> None:
        """Let token at accept these characters, or all but these."""
        bit = 1 << at
        for character in characters:
            self._masks.setdefault(character, self._any)
        if not negated:
            for character in characters:
                self._masks[character] |= bit
            return
        self._any |= bit
        for character in self._masks.keys() - characters:
            self._masks[character] |= bit


class AddressPattern:
    """A compiled pattern for a whole address. Raises InputError if it is malformed or too large."""

    __slots__ = ("parts", "text")

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN:
            raise InputError(f"address pattern of {len(text)} characters: at most {MAX_PATTERN} are allowed.")
        count = sum(text.count(c) for c in "?*[{")
        if count > MAX_WILDCARDS:
            raise InputError(f'address pattern "{text}": holds {count} wildcards; at most {MAX_WILDCARDS} are allowed.')
        if not text.startswith("/") or "//" in text:
            raise InputError(f'address pattern "{text}": starts with one / and has no empty part.')
        self.text = text
        self.parts = tuple(PartPattern(part) for part in text[1:].split("/"))

    def matches(self, address: str) -> bool:
        """Whether the whole address matches."""
        parts = address[1:].split("/")
        return len(parts) == len(self.parts) and all(
            pattern.matches(part) for pattern, part in zip(self.parts, parts, strict=True)
        )


def _alternatives(pattern: str) -> list[str]:
    """Write out the braces of one part: "a{b,c}" -> ["ab", "ac"]. Classes stay as they are."""
    made = [""]
    index = 0
    while index < len(pattern):
        character = pattern[index]
        if character in "]}":
            raise InputError(f'address pattern "{pattern}": "{character}" closes nothing.')
        if character not in "[{":
            made = [m + character for m in made]
            index += 1
            continue
        end = pattern.find("]" if character == "[" else "}", index + 1)
        inside = pattern[index + 1 : end]
        if end < 0 or not inside or not WILDCARDS.isdisjoint(inside):
            raise InputError(
                f'address pattern "{pattern}": "{character}" must close, be filled and hold no other wildcard.'
            )
        if character == "[":
            made = [f"{m}[{inside}]" for m in made]
        else:
            made = [m + choice for m in made for choice in inside.split(",")]
        if len(made) > MAX_ALTERNATIVES:
            raise InputError(f'address pattern "{pattern}": braces make more than {MAX_ALTERNATIVES} alternatives.')
        index = end + 1
    return made


def _members(inside: str) -> set[str]:
    """The characters of a class; a minus between two is a range, at either end itself."""
    members: set[str] = set()
    index = 0
    while index < len(inside):
        if index + 2 < len(inside) and inside[index + 1] == "-":
            low, high = sorted((ord(inside[index]), ord(inside[index + 2])))
            if high > 0x7F:
                raise InputError(f'address pattern class "[{inside}]": ranges are of ASCII characters.')
            members.update(chr(c) for c in range(low, high + 1))
            index += 3
        else:
            members.add(inside[index])
            index += 1
    return members
