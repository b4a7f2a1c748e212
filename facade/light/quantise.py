"""The last steps on the way out: split off white, apply the device curve, dither, write bytes.

**The rule of dither.** Between two levels of eight bits lies light that a lamp can only show by alternating, and a lamp
that alternates slowly or strongly is seen to flicker. So a lamp alternates only
  - fast enough: no pattern repeats more slowly than SLOWEST_HZ. At a venue's 40 Hz that leaves every other frame, at
    80 Hz patterns of four frames, at 320 Hz and more of sixteen; a controller that takes every third frame only has
    patterns of those;
  - and gently enough: only between levels whose light differs by at most DEEPEST (Michelson contrast). On a gamma 2.2
    device that is from level 22 on. Below, where one level more is a tenth, a half or twice the light, and at levels
    0, 1 and 2 plainly a blinking lamp, nothing moves.
What time may not carry is left to place: each pixel has its own threshold, spread evenly by the golden ratio, so that
the share of neighbouring pixels on the upper level is right in every frame, a dim ramp has no step in which the whole
facade jumps, and the sum of all lamps hardly alternates at all. Thresholds depend on frame number and pixel id alone:
the same input gives the same light. A grey stays grey: the three colours of a pixel share their threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.config.fixture import FixtureProfile
from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.frame import Levels
from facade.light.balance import Planes
from facade.light.bank import Bank, Drive
from facade.light.curve import INDEX_SCALE, WORD, InverseTable, inverse_table, level_lights

SLOWEST_HZ = 20.0
"""Above the eye's most sensitive 8 to 15 Hz (de Lange 1958), and what a 40 Hz wire can carry at all."""

DEEPEST = 0.05
"""Greatest contrast between the two levels that one lamp may alternate between."""

MOST_PHASES = 16
_GOLDEN = 0.6180339887498949
_UNDITHERED = 128
"""The threshold that rounds to the nearer level."""


def phase_count(rate_hz: float) -> int:
    """Return how many frames a dither pattern may last at a frame rate: a power of two, 1 (none) to 16."""
    n = 1
    while n < MOST_PHASES and rate_hz / (2 * n) >= SLOWEST_HZ:
        n *= 2
    return n


def still_below(profile: FixtureProfile) -> int:
    """Return the lowest level from which a lamp of this profile may alternate with the next one."""
    light = level_lights(profile)
    depth = (light[1:] - light[:-1]) / (light[1:] + light[:-1])
    too_deep = np.flatnonzero(depth > DEEPEST)
    return int(too_deep[-1]) + 1 if len(too_deep) else 0


class Quantiser:
    """Turns the light of every bank into bytes of one levels array.

    every: (P,), of which pixel every how many-th frame is sent; None means all frames of all pixels. Patterns are made
    of the frames that are sent.
    """

    def __init__(
        self,
        bank_list: tuple[Bank, ...],
        levels: Levels,
        *,
        rate_hz: float,
        every: NDArray[np.intp] | None = None,
    ) -> None:
        n = max((b.n for b in bank_list), default=0)
        scratch = _Scratch(
            colours=np.zeros((3, n), np.float32),
            white=np.zeros(n, np.float32),
            root=np.zeros(n, np.float32),
            index=np.zeros(n, np.intp),
            words=np.zeros(n, WORD),
            lively=np.zeros(n, np.bool_),
            threshold=np.zeros(n, np.uint8),
        )
        self._writers = [
            _BankWriter(b, levels, scratch, _Turns(np.ones(b.n) if every is None else every[b.pixels], rate_hz))
            for b in bank_list
        ]

    def write(self, planes: Planes, *, frame: int) -> None:
        """Write every pixel's bytes. planes is used up."""
        for writer in self._writers:
            writer.write(planes, frame)


@dataclass(frozen=True, slots=True)
class _Scratch:
    """Arrays as long as the largest bank, shared by all."""

    colours: NDArray[np.float32]
    white: NDArray[np.float32]
    root: NDArray[np.float32]
    index: NDArray[np.intp]
    words: NDArray[np.uint16]
    lively: NDArray[np.bool_]
    threshold: NDArray[np.uint8]

    def cut(self, n: int) -> _Scratch:
        return _Scratch(
            self.colours[:, :n],
            self.white[:n],
            self.root[:n],
            self.index[:n],
            self.words[:n],
            self.lively[:n],
            self.threshold[:n],
        )


class _Turns:
    """By how much the thresholds of a bank's pixels are turned. every: (n,), which frames of each are sent."""

    def __init__(self, every: NDArray[np.generic], rate_hz: float) -> None:
        kinds, of_pixel = np.unique(every, return_inverse=True)
        self._kinds = [(int(n), phase_count(rate_hz / n)) for n in kinds.tolist()]
        self._of_pixel = of_pixel.astype(np.intp)
        self._turns = np.zeros(len(kinds), np.uint8)
        self._own = np.zeros(len(every) if len(kinds) > 1 else 0, np.uint8)

    def at(self, frame: int, letter: str) -> np.uint8 | NDArray[np.uint8] | None:
        """Return it for a frame: one number for all pixels or one each, (n,); None if none is turned."""
        for k, (n, phases) in enumerate(self._kinds):
            self._turns[k] = phase_offset(frame // n, phases=phases, letter=letter)
        if not self._turns.any():
            return None
        if len(self._kinds) == 1:
            return np.uint8(self._turns[0])
        return np.take(self._turns, self._of_pixel, out=self._own, mode="clip")


class _BankWriter:
    def __init__(self, bank: Bank, levels: Levels, scratch: _Scratch, turns: _Turns) -> None:
        self._bank = bank
        self._s = scratch.cut(bank.n)
        self._turns = turns
        self._tables: dict[bool, InverseTable] = {
            fine: inverse_table(bank.profile, fine=fine) for fine in {bool(d.fine) for d in bank.drives}
        }
        self._still = np.uint16(still_below(bank.profile) * 256)
        ids = np.arange(bank.pixels.start, bank.pixels.stop) if isinstance(bank.pixels, slice) else bank.pixels
        self._base = np.floor(np.modf(ids * _GOLDEN)[0] * 256).astype(np.uint8)
        self._levels = levels
        self._slots: NDArray[np.uint8] | None = None
        if bank.run and bank.n:
            first = int(bank.first_byte[0])
            self._slots = levels[first : first + bank.n * bank.stride].reshape(bank.n, bank.stride)
        else:
            self._places = [bank.first_byte + slot for slot in range(bank.stride)]
        self._write_fixed()

    def write(self, planes: Planes, frame: int) -> None:
        bank = self._bank
        if isinstance(bank.pixels, slice):
            colours = planes[:, bank.pixels]
        else:
            colours = self._s.colours
            for plane, own in zip(planes, colours, strict=True):
                np.take(plane, bank.pixels, out=own, mode="clip")
        if "W" in bank.letters:
            self._split_white(colours)
        for drive in bank.drives:
            light = self._s.white if drive.letter == "W" else colours["RGB".index(drive.letter)]
            self._write_drive(light, drive, frame)

    def _split_white(self, colours: NDArray[np.float32]) -> None:
        white, spare = self._s.white, self._s.root
        if self._bank.white_only:
            np.multiply(colours[0], LUMINANCE_WEIGHTS[0], out=white)
            for plane, weight in zip(colours[1:], LUMINANCE_WEIGHTS[1:], strict=True):
                np.multiply(plane, weight, out=spare)
                white += spare
            return
        np.minimum(colours[0], colours[1], out=white)
        np.minimum(white, colours[2], out=white)
        if self._bank.profile.white_mode == "subtract":
            for plane in colours:
                plane -= white

    def _write_drive(self, light: NDArray[np.float32], drive: Drive, frame: int) -> None:
        s, table = self._s, self._tables[bool(drive.fine)]
        source = light
        for _ in range(table.roots):
            np.sqrt(source, out=s.root)
            source = s.root
        np.multiply(source, INDEX_SCALE, out=s.root)
        np.copyto(s.index, s.root, casting="unsafe")
        np.take(table.words, s.index, out=s.words, mode="clip")
        if not drive.fine:
            self._dither(drive.letter, frame)
        octets = s.words.view(np.uint8)
        for slot in drive.coarse:
            self._put(slot, octets[1::2])
        for slot in drive.fine:
            self._put(slot, octets[0::2])

    def _dither(self, letter: str, frame: int) -> None:
        words, threshold = self._s.words, self._s.threshold
        if not self._bank.profile.dither:
            words += np.uint16(_UNDITHERED)
            return
        turn = self._turns.at(frame, letter)
        if turn is not None:
            np.greater_equal(words, self._still, out=self._s.lively)
            np.multiply(self._s.lively.view(np.uint8), turn, out=threshold)
            # Wraps at 256 on purpose: thresholds go round.
            np.add(threshold, self._base, out=threshold)
            words += threshold
        else:
            words += self._base

    def _put(self, slot: int, values: NDArray[np.uint8]) -> None:
        if self._slots is not None:
            self._slots[:, slot] = values
        else:
            self._levels[self._places[slot]] = values

    def _write_fixed(self) -> None:
        for slot, channel in enumerate(self._bank.profile.channels):
            kind, _, value = channel.partition(":")
            if kind == "fixed":
                self._put(slot, np.full(self._bank.n, int(value), np.uint8))


def phase_offset(frame: int, *, phases: int, letter: str) -> int:
    """Return by how much thresholds are turned in a frame, 0..255.

    Offsets come in bit-reversed order, so that the shares of a pattern lie as far apart in time as they can. Green, the
    brightest colour, takes the opposite turn: what it adds in luminance the others take away.
    """
    step, offset, weight = frame % phases, 0, 128
    while weight >= 256 // phases and phases > 1:
        offset += weight * (step & 1)
        step >>= 1
        weight //= 2
    if letter == "G" and phases > 1:
        offset += 128
    return offset & 255
