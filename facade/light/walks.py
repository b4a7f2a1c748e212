"""A frame's walks over the pixels, in machine code: one that adds up what the limits ask for, one that writes bytes.

The order of the steps is law, and is that of pipeline.py. A limit is a sum over pixels, so nothing can be written
before it is known; what comes before the sums is cheaper to do twice than to keep.

  add_up   sanitise, white balance, master: what every power group draws
  (then the limits, from those sums alone: cap, supplies, total)
  write    sanitise, white balance, master, cap, supply, total, split off white, device curve, dither, quantise: bytes

Both go block by block, so that a block's light stays in the fastest memory, and take one step for the whole block, so
that machines with wide registers do many numbers at once. read is the way back, from bytes to light.

All of a venue is laid out as stretches: pixels in a row of one bank, one power group and one rate. stretches.py makes
them. Wherever kernels take bank facts, row b is bank b.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import compiled

FIRST, END, BYTE, BANK, GROUP, RATE = range(6)
"""Columns of stretches, int64 (S, 6): first pixel, the one after the last, first byte, and of what kind they are."""

STRIDE, ROOTS, WHITE, STILL, FIRST_DRIVE, END_DRIVE = range(6)
"""Columns of facts, int64 (B, 6): bytes a pixel; roots before the table; how white is made; the word from which lamps
may alternate; which drives are the bank's."""

NO_WHITE, SUBTRACTED, ADDED, ALONE = range(4)
"""How white is made: not; taken out of the colours; beside them; from luminance, because there is nothing else."""

LIGHT, SLOT, PART, TABLE = range(4)
"""Columns of drives, int64 (D, 4): which light, 0..3 for R, G, B, W; which byte of a pixel; which part; which table."""

LEVEL, COARSE, FINE = range(3)
"""Part of a word that a byte holds: the dithered level, or one half of a level of 16 bits."""

MASTER, CAP, SUPPLY, TOTAL = range(4)
"""Columns of scales, float32 (G + 1, 4), in the order of the law: a row a power group, the last for pixels in none."""

AMPS, CANDELA = range(2)
"""Columns of sums, float64 (G + 1, 2)."""

BLOCK = 512
"""Pixels that are taken through all steps at once."""

_SIZE, _INFINITE = np.int32(0x7FFFFFFF), np.int32(0x7F800000)
"""Of a float32 in bits: all but the sign; infinity."""

_LARGEST = np.float32(np.finfo(np.float32).max)
_DARK, _FULL = np.float32(0.0), np.float32(1.0)
_NO_TURN, _BYTE = np.uint16(0), np.uint16(8)

_GIVEN, _GIVEN_BYTES = "Array(float32, 1, 'C', readonly=True)", "Array(uint8, 1, 'C', readonly=True)"
"""Types of what callers may hand over read-only."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Words = NDArray[np.uint16]
Bytes = NDArray[np.uint8]


@compiled()
def _blacken(rgb: Floats, light: Floats) -> int:
    """Put out the pixels with NaN or infinity in any colour; return how many there are."""
    found = 0
    for first in range(0, len(rgb), 3):
        sound = True
        for k in range(first, first + 3):
            sound = sound and abs(rgb[k]) <= _LARGEST
        if not sound:
            found += 1
            light[first : first + 3] = _DARK
    return found


@compiled()
def _take(rgb: Floats, gains: Floats, scales: Floats, light: Floats) -> int:
    """Write light (3 n,) from a block of rgb: sane, balanced, scaled. Return how many pixels were not finite."""
    master, cap, supply, total = scales[MASTER], scales[CAP], scales[SUPPLY], scales[TOTAL]
    bits, largest = rgb.view(np.int32), np.int32(0)
    for k in range(len(rgb)):
        # As a whole number the size of a float; those above every finite one are infinite or none.
        largest = max(largest, np.int32(bits[k] & _SIZE))
        value = rgb[k]
        value = value if value > _DARK else _DARK
        value = value if value < _FULL else _FULL
        light[k] = value * gains[k] * master
    if cap != _FULL or supply != _FULL or total != _FULL:
        for k in range(len(light)):
            light[k] = light[k] * cap * supply * total
    return _blacken(rgb, light) if largest >= _INFINITE else 0


@compiled()
def _split_white(light: Floats, white: Floats, n: int, how: int, luminance: Floats) -> None:
    """Write white (n,) from light (3 n,), and take it out of that where it replaces it."""
    if how == ALONE:
        for i in range(n):
            k = 3 * i
            white[i] = light[k] * luminance[0] + light[k + 1] * luminance[1] + light[k + 2] * luminance[2]
        return
    for i in range(n):
        k = 3 * i
        white[i] = min(min(light[k], light[k + 1]), light[k + 2])
        if how == SUBTRACTED:
            light[k] -= white[i]
            light[k + 1] -= white[i]
            light[k + 2] -= white[i]


@compiled()
def _fold(light: Floats, n: int, each: int) -> None:
    """Add the light of n pixels up into that of the first; each: numbers a pixel.

    Half onto half, until one is left: each number is rounded nine times at most, and wide registers add many at once.
    """
    while n > 1:
        kept = (n + 1) // 2
        low, high = light[: each * (n - kept)], light[each * kept : each * n]
        for k in range(len(high)):
            low[k] += high[k]
        n = kept


@compiled(
    f"void({_GIVEN}, int64[:, ::1], float32[:, ::1], float32[:, ::1], int64[:, ::1], float32[::1],"
    " float32[:, :, ::1], float64[:, ::1], float32[::1])"
)
def add_up(
    rgb: Floats,
    stretches: Ints,
    gains: Floats,
    scales: Floats,
    facts: Ints,
    luminance: Floats,
    draws: Floats,
    sums: NDArray[np.float64],
    room: Floats,
) -> None:
    """Add to sums what the pixels of stretches draw at scales, as far as those are known yet.

    draws: (B, 2, 4), amperes and candela of R, G, B and W at full drive. The others as in write.
    """
    light, white = room[: 3 * BLOCK], room[3 * BLOCK :]
    for row in range(len(stretches)):
        stretch = stretches[row]
        bank, group = stretch[BANK], stretch[GROUP]
        for first in range(stretch[FIRST], stretch[END], BLOCK):
            end = min(first + BLOCK, stretch[END])
            n, how = end - first, facts[bank, WHITE]
            _take(rgb[3 * first : 3 * end], gains[bank], scales[group], light)
            white[0] = _DARK
            if how != NO_WHITE:
                _split_white(light, white, n, how, luminance)
                _fold(white, n, 1)
            _fold(light, n, 3)
            for kind in range(2):
                each = draws[bank, kind]
                colours = light[0] * each[0] + light[1] * each[1] + light[2] * each[2]
                sums[group, kind] += np.float64(colours + white[0] * each[3])


@compiled()
def _place(light: Floats, roots: int, scale: np.float32, index: Words) -> None:
    """Write where the light of every number is found in the device curve's table."""
    # Cut to 16 bits on the way: no light whatever may lead out of the table.
    if roots == 2:
        for k in range(len(index)):
            index[k] = np.int32(np.sqrt(np.sqrt(light[k])) * scale) & 0xFFFF
    elif roots == 1:
        for k in range(len(index)):
            index[k] = np.int32(np.sqrt(light[k]) * scale) & 0xFFFF
    else:
        for k in range(len(index)):
            index[k] = np.int32(light[k] * scale) & 0xFFFF


@compiled()
def _look_up(index: Words, table: Words, words: Words) -> None:
    for i in range(len(words)):
        words[i] = table[index[i]]


@compiled()
def _dither(words: Words, thresholds: Bytes, still: np.uint16, turn: np.uint16) -> None:
    """Make of each word the level that is shown."""
    for i in range(len(words)):
        # Wraps at 256 on purpose: thresholds go round. Their sum with a word does not at 65536: none is above 65280.
        threshold = np.uint8((thresholds[i] + (turn if words[i] >= still else _NO_TURN)) & 255)
        words[i] = np.uint16(words[i] + threshold) >> _BYTE


@compiled()
def _write_part(words: Words, part: int, out: Bytes) -> None:
    """Write one colour's byte of every pixel: the level, or the coarse or the fine half of a level of 16 bits."""
    shift = 8 if part == COARSE else 0
    for i in range(len(words)):
        out[i] = (words[i] >> shift) & 255


@compiled(
    f"int64({_GIVEN}, uint8[::1], int64[:, ::1], float32[:, ::1], float32[:, ::1], int64[:, ::1], float32[::1],"
    " int64[:, ::1], uint16[:, ::1], float32, uint8[::1], uint8[:, ::1], float32[::1], uint16[::1])"
)
def write(
    rgb: Floats,
    levels: Bytes,
    stretches: Ints,
    gains: Floats,
    scales: Floats,
    facts: Ints,
    luminance: Floats,
    drives: Ints,
    tables: Words,
    index_scale: np.float32,
    thresholds: Bytes,
    turns: Bytes,
    room: Floats,
    index_room: Words,
) -> int:
    """Write the bytes of stretches into levels; return how many pixels were not finite.

    rgb: (3 P,), R, G, B of every pixel. gains: (B, 3 BLOCK), white balance, that of a pixel again and again.
    luminance: (3,), weights. tables: (T, 65536), of curve.py. thresholds: (P,), of dither. turns: (R, 4), by how much
    those of R, G, B and W are turned in this frame, a row for every rate. room: (4 BLOCK,), index_room: (5 BLOCK,), to
    work in.
    """
    light, white = room[: 3 * BLOCK], room[3 * BLOCK :]
    index, white_index, words = index_room[: 3 * BLOCK], index_room[3 * BLOCK : 4 * BLOCK], index_room[4 * BLOCK :]
    odd = 0
    for row in range(len(stretches)):
        stretch = stretches[row]
        fact, rate = facts[stretch[BANK]], stretch[RATE]
        for first in range(stretch[FIRST], stretch[END], BLOCK):
            end = min(first + BLOCK, stretch[END])
            n = end - first
            odd += _take(rgb[3 * first : 3 * end], gains[stretch[BANK]], scales[stretch[GROUP]], light)
            if fact[WHITE] != NO_WHITE:
                _split_white(light, white, n, fact[WHITE], luminance)
                _place(white, fact[ROOTS], index_scale, white_index[:n])
            _place(light, fact[ROOTS], index_scale, index[: 3 * n])
            own = levels[stretch[BYTE] + (first - stretch[FIRST]) * fact[STRIDE] :]
            for d in range(fact[FIRST_DRIVE], fact[END_DRIVE]):
                colour, part, table = drives[d, LIGHT], drives[d, PART], tables[drives[d, TABLE]]
                source = white_index[::1] if colour == 3 else index[colour::3]
                _look_up(source, table, words[:n])
                if part == LEVEL:
                    turn, still = turns[rate, colour], fact[STILL]
                    _dither(words[:n], thresholds[first:end], np.uint16(still), np.uint16(turn))
                _write_part(words[:n], part, own[drives[d, SLOT] :: fact[STRIDE]])
    return odd


@compiled()
def _show(own: Bytes, stride: int, place: Ints, lights: Floats, out: Floats) -> None:
    """Write the light of one colour of the pixels whose bytes are own, 0 where their bank has no such colour."""
    if place[0] < 0:
        out[:] = _DARK
        return
    coarse, light = own[place[0] :: stride], lights[place[2]]
    if place[1] < 0:
        for i in range(len(out)):
            out[i] = light[coarse[i]]
        return
    fine = own[place[1] :: stride]
    for i in range(len(out)):
        out[i] = light[int(coarse[i]) * 256 + int(fine[i])]


@compiled(
    f"void({_GIVEN_BYTES}, float32[:, ::1], int64[:, ::1], float32[:, ::1], int64[::1], int64[:, :, ::1],"
    " float32[:, ::1], float32[::1])"
)
def read(
    levels: Bytes,
    rgb: Floats,
    stretches: Ints,
    gains: Floats,
    strides: Ints,
    places: Ints,
    lights: Floats,
    room: Floats,
) -> None:
    """Write the light that the bytes of stretches make into rgb (P, 3).

    gains: (B, 3). strides: (B,), bytes a pixel. places: (B, 4, 3), of R, G, B and W the coarse byte inside a pixel, the
    fine one, each -1 where there is none, and which table. lights: (T, 65536), the light of every level, of 256 levels
    without a fine byte. room: (BLOCK,), to work in.
    """
    for row in range(len(stretches)):
        stretch = stretches[row]
        bank = stretch[BANK]
        place, stride = places[bank], strides[bank]
        for first in range(stretch[FIRST], stretch[END], BLOCK):
            end = min(first + BLOCK, stretch[END])
            own = levels[stretch[BYTE] + (first - stretch[FIRST]) * stride :]
            white = room[: end - first]
            _show(own, stride, place[3], lights, white)
            for colour in range(3):
                out, gain = rgb[first:end, colour], gains[bank, colour]
                _show(own, stride, place[colour], lights, out)
                for i in range(len(out)):
                    out[i] = (out[i] + white[i]) / gain
