"""What each pixel does in a frame, under each of the four rules of flash_rules.py, and whether it does so too often.

Luminance. Changes are measured from the running extreme since the last one, so a slow or noisy change counts once it is
large enough: the greedy count of alternating changes is the greatest possible, because both conditions hold all the
more for a larger change. Until the first rise the start counts as dark: the first change that counts is a rise.

  wcag     relative luminance changes by >= 10 % of white, the darker state is below 80 %
           (WCAG 2.2, "general flash and red flash thresholds")
  bt1702   luminance changes by >= 20 cd/m2 where the darker state is below 160 cd/m2, by a Michelson contrast of
           >= 1/17 above (ITU-R BT.1702). The two meet at 160 cd/m2: a rise is hi >= max(lo + 20, 9/8 lo)

Red. A state is saturated red when R / (R + G + B) >= 0.8 in linear light. Below a floor of red it has no colour: the
new measure knows no brightness, and a lamp on its lowest levels would be red at every flicker of one bit. The floor is
the red light of the smallest change that counts otherwise: 20 cd/m2, or 20/320 of full red, whichever is less.

  red      WCAG 2.2 and ISO 9241-391: one state is saturated red, and the two differ by more than 0.2 in CIE 1976
           u', v'. Black is taken as neutral. Two saturated reds are never 0.2 apart, so a pixel is either inside red
           or outside. While inside, the box of its reds in u', v' is kept, and it has left when the farthest corner
           of that box is more than 0.2 away; coming back is the next rise. The box may be larger than the reds in
           it, so this counts all that the definition counts, and now and then a little earlier.
  red320   WCAG 2.0 and 2.1: one state is saturated red, and (R - G - B) x 320, negative values as 0, changes by more
           than 20. Two extremes are kept since the last change: of all states, and of the saturated ones.

Light is taken to be on the primaries of BT.709. LEDs are more saturated than those; measured primaries are not used.

One chunk goes through everything while it lies in a processor's fastest memory. Its state is one row after the other,
at offsets that are known when this is compiled, and what is either so or so is the sign of a number beside it: thus
wide registers take eight pixels at once, without a branch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.compiled import IS_COMPILED, compiled
from facade.light.emission import read_run

CHUNK = 512 if IS_COMPILED else 32
"""Pixels in a chunk. The last one is filled up with lamps that stay dark."""

RELATIVE_STEP = 0.10
RELATIVE_DARKER = 0.80
ABSOLUTE_STEP_CD_M2 = 20.0
MICHELSON = 1.0 / 17.0
"""Contrast that counts from 160 cd/m2 up: a factor of (1 + 1/17) / (1 - 1/17) = 9/8."""
SATURATED = 0.8
CHROMA_STEP = 0.2
RED320_STEP = 20.0 / 320.0

STEP, FLOOR = 0, CHUNK
"""Where in a chunk's facts, float32 (2 CHUNK,), each pixel finds its step of bt1702 and its floor of red."""

WCAG, BT1702, ALL, REDS, LOW_U, HIGH_U, LOW_V, HIGH_V = range(0, 8 * CHUNK, CHUNK)
"""Where in a page of a chunk's state, float32 (8 CHUNK,), each pixel finds its extremes and its box of reds.

Of the first three a negative one says that the last change was a rise, of LOW_U that the pixel is inside red.
"""

PAGE = 8 * CHUNK

DUE, SEEN, TURNS_PAGE, EVER_RED, EXCESS, OUTSIDE = range(6)
"""Rows of flags, uint8 (6, chunks): whether to look, whether that was done in this frame, which page holds what has
happened, whether red was ever seen, all bits of excess that any pixel has, and on which pages, 1 << page, it is known
that no pixel is inside red."""

OLDER = 1 << 15
"""Numbers of frames are of 16 bits and go round: of two, that one is older from which it is less than this forward."""

_GREEN, _BLUE, _DIFFERENCE = CHUNK, 2 * CHUNK, 3 * CHUNK
"""Where in the room light lies; and R - G - B, not below 0, negative where a saturated red is."""

_ROUNDING = 2e-6
"""Float32 light is known to less than this; what is on the threshold counts."""
_RELATIVE = np.float32(RELATIVE_STEP - _ROUNDING)
_CEILING = np.float32(RELATIVE_DARKER + RELATIVE_STEP - 2 * _ROUNDING)
"""Above it a state is as bright as one can be: nothing that is darker by a step is below 80 %."""
_MICHELSON_RATIO = (1.0 + MICHELSON) / (1.0 - MICHELSON) * (1.0 - 1e-6)
_RATIO, _SHARE = np.float32(_MICHELSON_RATIO), np.float32(1.0 / _MICHELSON_RATIO)

_RED_SHARE = np.float32(SATURATED / (1.0 - SATURATED) * (1.0 - 1e-6))
"""R / (R + G + B) >= 0.8 is R >= 4 (G + B)."""
_FAR = np.float32(CHROMA_STEP**2 * (1.0 - 1e-5))
_RED320 = np.float32(RED320_STEP)
_BLACK, _STILL_BLACK = np.float32(1e-9), np.float32(2e-9)
_NEUTRAL_U, _NEUTRAL_V = np.float32(0.19784), np.float32(0.46834)
"""u', v' of D65: what black is taken for."""
_BELOW_R, _BELOW_G, _BELOW_B = np.float32(3.6593), np.float32(11.4430), np.float32(4.1143)
"""X + 15 Y + 3 Z of the BT.709 primaries (IEC 61966-2-1)."""
_FOUR_X_R, _FOUR_X_G, _FOUR_X_B = np.float32(1.6496), np.float32(1.4304), np.float32(0.7220)
_Y_R, _Y_G, _Y_B = (np.float32(weight) for weight in LUMINANCE_WEIGHTS)

_ZERO, _NINE, _INFINITE = np.float32(0), np.float32(9), np.float32(np.inf)
_NO, _YES = np.int32(0), np.int32(1)
_RISE_WCAG, _RISE_BT1702, _RISE_RED, _RISE_320 = (np.int32(1 << rule) for rule in range(4))
_FALL_WCAG, _FALL_BT1702, _FALL_RED, _FALL_320 = (np.int32(16 << rule) for rule in range(4))
"""Bits of turned, see FlashRules."""
_RISES = 15
_ANY_RISE = 0x0F0F0F0F0F0F0F0F

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bits = NDArray[np.uint8]


@compiled()
def _see_luminance(room: Floats, facts: Floats, was: Floats, will: Floats, turned: NDArray[np.int32]) -> None:
    for i in range(CHUNK):
        light = room[i] * _Y_R + room[_GREEN + i] * _Y_G + room[_BLUE + i] * _Y_B
        value, before, up = min(max(light, _ZERO), _CEILING), abs(was[WCAG + i]), was[WCAG + i] < _ZERO
        rise = (value >= before + _RELATIVE) & (not up)
        fall = (value <= before - _RELATIVE) & up
        up = (up | rise) & (not fall)
        # On a rise the extreme is below the value, so the larger of both is the value; likewise on a fall.
        extreme = max(before, value) if up else min(before, value)
        will[WCAG + i] = -extreme if up else extreme
        told = (_RISE_WCAG if rise else _NO) | (_FALL_WCAG if fall else _NO)
        before, up, step = abs(was[BT1702 + i]), was[BT1702 + i] < _ZERO, facts[STEP + i]
        rise = (light >= max(before + step, before * _RATIO)) & (not up)
        fall = (light <= min(before - step, before * _SHARE)) & up
        up = (up | rise) & (not fall)
        extreme = max(before, light) if up else min(before, light)
        will[BT1702 + i] = -extreme if up else extreme
        turned[i] = np.int32(told | (_RISE_BT1702 if rise else _NO) | (_FALL_BT1702 if fall else _NO))


@compiled()
def _see_reds(room: Floats, facts: Floats) -> bool:
    """Write R - G - B. Return whether any pixel is saturated red."""
    some = _NO
    for i in range(CHUNK):
        others = room[_GREEN + i] + room[_BLUE + i]
        difference, red = max(room[i] - others, _ZERO), room[i] >= max(others * _RED_SHARE, facts[FLOOR + i])
        # A saturated red is more than 0 above the others.
        room[_DIFFERENCE + i] = -difference if red else difference
        some |= _YES if red else _NO
    return bool(some != 0)


@compiled()
def _has_been_inside(was: Floats) -> bool:
    some = _NO
    for i in range(CHUNK):
        some |= _YES if was[LOW_U + i] < _ZERO else _NO
    return bool(some != 0)


@compiled()
def _see_older_red(room: Floats, was: Floats, will: Floats, turned: NDArray[np.int32]) -> None:
    """red320: add to turned. After a change the extreme of saturated states starts anew, from nothing."""
    for i in range(CHUNK):
        value, red = abs(room[_DIFFERENCE + i]), room[_DIFFERENCE + i] < _ZERO
        before, up, of_reds = abs(was[ALL + i]), was[ALL + i] < _ZERO, was[REDS + i]
        rise = (((value - before > _RED320) & red) | (value - of_reds > _RED320)) & (not up)
        fall = (((before - value > _RED320) & red) | (of_reds - value > _RED320)) & up
        up = (up | rise) & (not fall)
        extreme = max(before, value) if up else min(before, value)
        will[ALL + i] = -extreme if up else extreme
        of_reds = -_INFINITE if rise else of_reds
        of_reds = _INFINITE if fall else of_reds
        with_it = max(of_reds, value) if up else min(of_reds, value)
        will[REDS + i] = with_it if red else of_reds
        turned[i] = np.int32(turned[i] | (_RISE_320 if rise else _NO) | (_FALL_320 if fall else _NO))


@compiled()
def _see_newer_red(room: Floats, was: Floats, will: Floats, turned: NDArray[np.int32]) -> None:
    """red: add to turned. A pixel that comes back starts a new box."""
    for i in range(CHUNK):
        red, green, blue = room[i], room[_GREEN + i], room[_BLUE + i]
        below = max(red * _BELOW_R + green * _BELOW_G + blue * _BELOW_B, _BLACK)
        four_x = red * _FOUR_X_R + green * _FOUR_X_G + blue * _FOUR_X_B
        nine_y = (red * _Y_R + green * _Y_G + blue * _Y_B) * _NINE
        u = _NEUTRAL_U if below <= _STILL_BLACK else four_x / below
        v = _NEUTRAL_V if below <= _STILL_BLACK else nine_y / below
        low_u, high_u, inside = abs(was[LOW_U + i]), was[HIGH_U + i], was[LOW_U + i] < _ZERO
        low_v, high_v = was[LOW_V + i], was[HIGH_V + i]
        farther_u, farther_v = max(u - low_u, high_u - u), max(v - low_v, high_v - v)
        far, is_red = farther_v * farther_v + farther_u * farther_u > _FAR, room[_DIFFERENCE + i] < _ZERO
        rise, fall = is_red & (not inside), far & inside & (not is_red)
        turned[i] = np.int32(turned[i] | (_RISE_RED if rise else _NO) | (_FALL_RED if fall else _NO))
        low_u = (u if rise else min(low_u, u)) if is_red else low_u
        will[LOW_U + i] = -low_u if (inside | rise) & (not fall) else low_u
        will[HIGH_U + i] = (u if rise else max(high_u, u)) if is_red else high_u
        will[LOW_V + i] = (v if rise else min(low_v, v)) if is_red else low_v
        will[HIGH_V + i] = (v if rise else max(high_v, v)) if is_red else high_v


@compiled()
def _see(
    k: int, room: Floats, flags: NDArray[np.uint8], facts: Floats, state: NDArray[np.float32], turned: NDArray[np.int32]
) -> None:
    """Say what the light in the room makes the pixels of a chunk do."""
    page, outside = int(flags[TURNS_PAGE, k]), int(flags[OUTSIDE, k])
    was, will, next_page = state[page], state[1 - page], 2 - page
    _see_luminance(room, facts, was, will, turned)
    reds = _see_reds(room, facts)
    if reds or flags[EVER_RED, k] != 0:
        flags[EVER_RED, k] = 1
        _see_older_red(room, was, will, turned)
    else:
        # Without a saturated red, now or ever, nothing counts.
        for i in range(CHUNK):
            will[ALL + i] = min(was[ALL + i], room[_DIFFERENCE + i])
    if reds or ((outside >> page) & 1 == 0 and _has_been_inside(was)):
        flags[OUTSIDE, k] = outside & ~next_page
        _see_newer_red(room, was, will, turned)
    elif (outside & next_page) == 0:
        # Neither red now nor before: a box is of no use until a pixel comes back, and then it begins anew.
        flags[OUTSIDE, k] = outside | next_page
        for i in range(CHUNK):
            will[LOW_U + i] = _INFINITE


@compiled()
def _find_excess(turned: Bits, rises: Ints, first: int, most: int, over: Bits) -> int:
    """Write which rises of a chunk are the last of most + 1 since the frame first. Return all bits of them."""
    some = 0
    eights, shift = turned.view(np.int64), 16 * (most - 1)
    for i in range(CHUNK):
        over[i] = 0
    for k in range(CHUNK // 8):
        if (eights[k] & _ANY_RISE) == 0:
            continue
        for i in range(8 * k, 8 * k + 8):
            for rule in range(4):
                if ((turned[i] >> rule) & 1) != 0 and (((rises[rule * CHUNK + i] >> shift) - first) & 0xFFFF) < OLDER:
                    over[i] |= np.uint8(1 << rule)
                    some |= 1 << rule
    return some


@compiled()
def _look_at(
    k: int,
    room: Floats,
    flags: NDArray[np.uint8],
    facts: NDArray[np.float32],
    state: NDArray[np.float32],
    rises: NDArray[np.int64],
    first: int,
    most: int,
    turned: Bits,
    turned_in: Bits,
    excess: Bits,
    told: NDArray[np.int32],
) -> None:
    lo, hi = k * CHUNK, (k + 1) * CHUNK
    out, some = turned[lo:hi], _NO
    _see(k, room, flags, facts[k], state[k], told)
    for i in range(CHUNK):
        some |= told[i]
        out[i] = np.uint8(told[i])
    flags[SEEN, k] = 1
    flags[EXCESS, k] = 0
    turned_in[k] = some
    if (some & _RISES) != 0:
        flags[EXCESS, k] = _find_excess(out, rises[k], first, most, excess[lo:hi])


@compiled()
def _all_bits(turned_in: Bits, excess_in: Bits) -> tuple[int, int]:
    some, over = 0, 0
    for k in range(len(turned_in)):
        some |= int(turned_in[k])
        over |= int(excess_in[k])
    return some, over


_COMMON = (
    "uint8[:, ::1], float32[:, ::1], float32[:, :, ::1], int64[:, ::1], int64, int64, uint8[::1], uint8[::1],"
    " uint8[::1], float32[:, ::1], int32[::1]"
)


@compiled(f"UniTuple(int64, 2)(float32[:, ::1], {_COMMON})")
def look_at_planes(
    planes: NDArray[np.float32],
    flags: NDArray[np.uint8],
    facts: NDArray[np.float32],
    state: NDArray[np.float32],
    rises: NDArray[np.int64],
    first: int,
    most: int,
    turned: Bits,
    turned_in: Bits,
    excess: Bits,
    room: NDArray[np.float32],
    told: NDArray[np.int32],
) -> tuple[int, int]:
    """Look at light (3, P) in the chunks that are due; see look_at_levels."""
    flat = room.reshape(4 * CHUNK)
    for k in range(len(turned_in)):
        if flags[DUE, k] == 0:
            continue
        lo = k * CHUNK
        n = min(CHUNK, planes.shape[1] - lo)
        for colour in range(3):
            for i in range(n):
                room[colour, i] = planes[colour, lo + i]
            for i in range(n, CHUNK):
                room[colour, i] = _ZERO
        _look_at(k, flat, flags, facts, state, rises, first, most, turned, turned_in, excess, told)
    return _all_bits(turned_in, flags[EXCESS])


@compiled()
def _differ(new: Bits, old: Bits) -> bool:
    differ = np.uint8(0)
    for i in range(len(new)):
        differ = np.uint8(differ | (new[i] ^ old[i]))
    return bool(differ != 0)


@compiled(
    f"UniTuple(int64, 2)(uint8[::1], uint8[::1], int64[::1], boolean, float32[::1], int64[:, :, ::1], int64[::1],"
    f" int64[:, ::1], {_COMMON})"
)
def look_at_levels(
    levels: Bits,
    sent: Bits,
    offset: Ints,
    compare: bool,
    lights: Floats,
    letters: Ints,
    strides: Ints,
    runs: Ints,
    flags: NDArray[np.uint8],
    facts: NDArray[np.float32],
    state: NDArray[np.float32],
    rises: NDArray[np.int64],
    first: int,
    most: int,
    turned: Bits,
    turned_in: Bits,
    excess: Bits,
    room: NDArray[np.float32],
    told: NDArray[np.int32],
) -> tuple[int, int]:
    """Say what levels would make the pixels do in the chunks that are due. Return all bits of turned and of excess.

    compare: whether those are due, and no others, of which any byte is another in levels than in sent.
    offset: (P + 1,), the first byte of each pixel. lights, letters, strides, runs: of Emission.
    facts: (chunks, 2 CHUNK). state: (chunks, 2, PAGE). rises, first: see Rates. most: of them in a second, at most.
    turned, excess: (chunks CHUNK,). room: (4, CHUNK), told: (CHUNK,), to work in.
    """
    flat, run = room.reshape(4 * CHUNK), 0
    for k in range(len(turned_in)):
        lo, hi = k * CHUNK, min((k + 1) * CHUNK, len(offset) - 1)
        if compare:
            flags[DUE, k] = _differ(levels[offset[lo] : offset[hi]], sent[offset[lo] : offset[hi]])
        if flags[DUE, k] == 0:
            continue
        run = read_run(levels, lights, letters, strides, runs, run, lo, hi, room)
        for colour in range(3):
            for i in range(hi - lo, CHUNK):
                room[colour, i] = _ZERO
        _look_at(k, flat, flags, facts, state, rises, first, most, turned, turned_in, excess, told)
    return _all_bits(turned_in, flags[EXCESS])
