"""What supplies, lamps and the permit's area are rated at, and the stricter of two such ratings.

For a venue that is edited while it plays: what is stricter than at the start counts at once, all else waits for the
next start. So no edit makes a running show brighter, and one that is taken back gives no more than there was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from facade.config.fixture import FixtureProfile
from facade.light.brightness import facade_area_m2
from facade.mapping.model import PixelMap


@dataclass(frozen=True, slots=True)
class Rating:
    """What a pixel of a profile draws and shines at full drive of R, G, B, W. candela: None if not measured."""

    profile: str
    amps: tuple[float, ...]
    idle_amps: float
    candela: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Ratings:
    """supplies: name -> amperes and the fixtures fed. total_amps: of all together. lamps: in the order of profiles."""

    supplies: dict[str, tuple[float, tuple[str, ...]]]
    total_amps: float | None
    area_m2: float
    lamps: tuple[Rating, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Ratings:
        """Read what ``as_json`` gave, also after a way through JSON."""
        supplies = {name: (float(amps), tuple(fixtures)) for name, (amps, fixtures) in body["supplies"].items()}
        lamps = tuple(
            Rating(each["profile"], tuple(each["amps"]), each["idle_amps"], each["candela"] and tuple(each["candela"]))
            for each in body["lamps"]
        )
        return cls(supplies, body["total_amps"], body["area_m2"], lamps)


def ratings_of(pixels: PixelMap) -> Ratings:
    """Return what a venue is rated at."""
    power = pixels.venue.power
    return Ratings(
        supplies={name: (amps, power[name].fixtures if name in power else ()) for name, amps in pixels.power_amps},
        total_amps=pixels.venue.venue.total_amps,
        area_m2=facade_area_m2(pixels),
        lamps=tuple(Rating(p.id, p.amps, p.idle_amps, p.candela) for p in pixels.profiles),
    )


def stricter(start: Ratings, edit: Ratings) -> Ratings:
    """Return the stricter of both, of what is in both: a supply that feeds other fixtures now is another supply."""
    supplies = {
        name: (min(amps, edit.supplies[name][0]) if _is_same(name, start, edit) else amps, fixtures)
        for name, (amps, fixtures) in start.supplies.items()
    }
    totals = [amps for amps in (start.total_amps, edit.total_amps) if amps is not None]
    lamps = start.lamps
    if _profiles(start) == _profiles(edit):
        lamps = tuple(_hungrier(one, other) for one, other in zip(lamps, edit.lamps, strict=True))
    return Ratings(supplies, min(totals, default=None), min(start.area_m2, edit.area_m2), lamps)


def rated(pixels: PixelMap, ratings: Ratings) -> PixelMap:
    """Return a venue's pixels with other ratings of the same supplies and profiles."""
    facts = pixels.venue.venue.model_copy(update={"total_amps": ratings.total_amps})
    return replace(
        pixels,
        venue=pixels.venue.model_copy(update={"venue": facts}),
        power_amps=tuple((name, ratings.supplies[name][0]) for name, _ in pixels.power_amps),
        profiles=tuple(_profile(*pair) for pair in zip(pixels.profiles, ratings.lamps, strict=True)),
    )


def stricter_words(start: Ratings, now: Ratings) -> list[str]:
    """Say what is stricter than at the start, in a few words each. now: as ``stricter`` gave it."""
    said = [
        f'supply "{name}" {now.supplies[name][0]:g} A instead of {amps:g} A'
        for name, (amps, _) in start.supplies.items()
        if now.supplies[name][0] < amps
    ]
    if now.total_amps != start.total_amps:
        before = "no limit" if start.total_amps is None else f"{start.total_amps:g} A"
        said.append(f"{now.total_amps:g} A in total instead of {before}")
    if now.area_m2 < start.area_m2:
        said.append(f"an area of {now.area_m2:g} m² instead of {start.area_m2:g} m²")
    changed = [one.profile for one, other in zip(start.lamps, now.lamps, strict=True) if one != other]
    said += [f'lamps of profile "{name}" that draw or shine more' for name in dict.fromkeys(changed)]
    return said


def edit_words(start: Ratings, before: Ratings, after: Ratings) -> list[str]:
    """Say what an edit of ratings does, and when. before: as the document said until now."""
    said = []
    for name, (amps, _) in after.supplies.items():
        if _is_same(name, before, after) and amps != before.supplies[name][0]:
            own = start.supplies[name][0] if _is_same(name, start, after) else None
            said.append(_amps_words(f'supply "{name}" gives', amps, own))
    if after.total_amps != before.total_amps:
        said.append(_amps_words("all lights together draw", after.total_amps, start.total_amps, is_total=True))
    if after.area_m2 != before.area_m2:
        when = "at once" if after.area_m2 <= start.area_m2 else "from the next start"
        said.append(f"the permit's area of {after.area_m2:g} m² counts {when}")
    if _profiles(before) == _profiles(after):
        changed = [two.profile for one, two in zip(before.lamps, after.lamps, strict=True) if one != two]
        when = "count at once where they are more than at the start, and fully from the next start"
        said += [f'profile "{name}": amperes and candela {when}' for name in dict.fromkeys(changed)]
    return said


def _amps_words(what: str, amps: float | None, start: float | None, *, is_total: bool = False) -> str:
    if amps is None:
        return f"{what} no more than {start:g} A until the next start"
    if start is None and not is_total:
        return f"{what} {amps:g} A from the next start"
    most = "at most " if is_total else ""
    if start is None or amps <= start:
        return f"{what} {most}{amps:g} A at once"
    return f"{what} {most}{amps:g} A from the next start, {start:g} A until then"


def _is_same(name: str, one: Ratings, other: Ratings) -> bool:
    """Whether a supply of this name feeds the same fixtures in both."""
    return name in one.supplies and name in other.supplies and one.supplies[name][1] == other.supplies[name][1]


def _profiles(ratings: Ratings) -> Sequence[str]:
    return [lamp.profile for lamp in ratings.lamps]


def _hungrier(one: Rating, other: Rating) -> Rating:
    """Return the more of both in everything."""
    measured = [candela for candela in (one.candela, other.candela) if candela is not None]
    return Rating(
        one.profile,
        tuple(map(max, one.amps, other.amps)),
        max(one.idle_amps, other.idle_amps),
        tuple(map(max, *measured)) if len(measured) == 2 else measured[0] if measured else None,
    )


def _profile(profile: FixtureProfile, lamp: Rating) -> FixtureProfile:
    return profile.model_copy(update={"amps": lamp.amps, "idle_amps": lamp.idle_amps, "candela": lamp.candela})
