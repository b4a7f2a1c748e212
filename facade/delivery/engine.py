"""One frame of light leaving: picture, light pipeline, packets; all built, then all sent, then sync.

The engine never raises for anything that happens on the network. Master and blackout are its own, so that they work
whatever the rest of facade does.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from uuid import UUID

from facade.config.venue import SafeLook, Venue
from facade.core.clock import MAX_DELTA_S, Clock
from facade.core.errors import InputError, MappingError, OutputError
from facade.core.frame import Levels, PixelFrame
from facade.core.health import DeliveryHealth, State
from facade.delivery.dispatch import Dispatch
from facade.delivery.limits import LimitWatch
from facade.delivery.picture import BACK_S, Picture
from facade.delivery.ramp import Ramp
from facade.delivery.rewire import Rewiring
from facade.light.pipeline import LightPipeline
from facade.light.ratings import Ratings
from facade.mapping.model import ControllerPatch, PixelMap
from facade.outputs.announce import Announcer
from facade.outputs.contract import Sender
from facade.outputs.slab import PacketSlab
from facade.outputs.watch import NetworkWatch

MASTER_S = 0.1
BLACKOUT_S = 0.3
LONGEST_CLOSE_S = 0.8
LAST_FRAMES = 3
"""How often the last, black frame is sent: a lost datagram must not leave a lamp on until the next evening."""

SAFE_LEAST_S = 1.0
"""How long the safe look stays at least once a step has failed: two changes a second are no flash too many."""

_RATE_WINDOW_S = 1.0
_SAFE_STEPS = 8
"""The safe look is kept at this many brightnesses for send_safe, which must not depend on the light pipeline."""

_log = logging.getLogger(__name__)


class DeliveryEngine:
    """Delivers a venue's light.

    pixels, slab: compiled from the same venue. senders: one for each block of the slab, by name.
    always_send: false lets universes that did not change rest, for at most 0.8 s.
    paced: whether packets wait for links that are slow by their profile (max_mbit).
    announcer: says now and then which universes are sent, or None. watch: looks after the network, or None.
    rewiring: makes a controller's sender anew, or None where addresses stay.
    known_start: whether the lamps are known to have been calm. Where they are not, as in any process that may have been
    started anew after a failure, nothing rises for the first second.
    unlocked_s: for so long from now the brightness caps rest, for a person on site who tests fixtures.
    back_s: seconds from the safe look to the first frame; 0 in offline work, where the first frame counts.
    Raises OutputError if senders and patch do not match.
    """

    def __init__(
        self,
        pixels: PixelMap,
        slab: PacketSlab,
        *,
        pipeline: LightPipeline,
        senders: Sequence[Sender],
        safe: SafeLook,
        clock: Clock,
        always_send: bool = True,
        back_s: float = BACK_S,
        paced: bool = False,
        known_start: bool = True,
        unlocked_s: float = 0.0,
        announcer: Announcer | None = None,
        watch: NetworkWatch | None = None,
        rewiring: Rewiring | None = None,
    ) -> None:
        self._clock = clock
        self._watch = watch
        self._rewiring = rewiring
        self._pipeline = pipeline
        self._n_pixels = pixels.n_pixels
        self._rate_hz = pixels.venue.venue.rate_hz
        self._dispatch = Dispatch(
            slab,
            _matched(slab, senders),
            rate_hz=self._rate_hz,
            always_send=always_send,
            clock=clock if paced else None,
            announcer=announcer,
        )
        self._picture = Picture(pixels.n_pixels, safe, back_s=back_s)
        self._master = Ramp(1.0, seconds=MASTER_S)
        self._lit = Ramp(1.0, seconds=BLACKOUT_S)
        self._closing = 1.0
        self._blackout = False
        self._silent = False
        self._frame = 0
        self._stepped_at: float | None = None
        self._sent_at: float | None = None
        self._worst_gap_s = 0.0
        self._late_frames = 0
        self._window_at: float | None = None
        self._window_packets = 0
        self._packets_per_s = 0.0
        self._closed = self._watch_failed = False
        # Made now, while everything is known to work, for the moment when it no longer does.
        self._safe_levels = [
            pipeline.process(self._picture.safe, master=k / _SAFE_STEPS, delta_s=0.0, frame=0).copy()
            for k in range(_SAFE_STEPS + 1)
        ]
        pipeline.forget()
        if not known_start:
            pipeline.spend()
        self._limits = LimitWatch(pixels, pipeline, self._picture.safe, clock, unlocked_s=unlocked_s)
        self._safe_until = -math.inf
        self._levels: Levels = self._safe_levels[0]

    @property
    def rate_hz(self) -> float:
        return self._rate_hz

    @property
    def levels(self) -> Levels:
        """The levels of the last frame sent, (L + 256,); overwritten by the next."""
        return self._levels

    @property
    def master(self) -> float:
        """0..1, linear light; where it is going, it takes a tenth of a second at most to get there."""
        return self._master.target

    @master.setter
    def master(self, value: float) -> None:
        if not math.isfinite(value):
            raise InputError(f"master {value}: it is a number from 0 to 1.")
        self._master.target = min(max(float(value), 0.0), 1.0)

    @property
    def blackout(self) -> bool:
        return self._blackout

    @blackout.setter
    def blackout(self, on: bool) -> None:
        self._blackout = bool(on)
        self._lit.target = 0.0 if on else 1.0

    @property
    def silent(self) -> bool:
        """Whether nothing leaves towards controllers, because another machine sends."""
        return self._silent

    @silent.setter
    def silent(self, on: bool) -> None:
        if on != self._silent:
            self._silent = on
            self._dispatch.hush(on, self._levels)

    @property
    def cid(self) -> UUID:
        """Who this installation is on the network; nil where nothing is watched."""
        return UUID(int=0) if self._watch is None else self._watch.cid

    def can_reach(self) -> bool:
        """Whether any controller may be getting its light, as far as is known."""
        lost = (State.FAILED, State.STALE, State.ABSENT)
        return any(output.state not in lost for output in self.health().outputs)

    @property
    def has_picture(self) -> bool:
        """Whether the renderer's light is what would leave now."""
        return self._picture.look in ("live", "held")

    def befriend(self, cid: UUID, address: str) -> None:
        """Take the other machine of a pair for no rival."""
        if self._watch is not None:
            self._watch.befriend(cid, address)

    def offer(self, frame: PixelFrame | None) -> None:
        """Take the newest frame, or None when there is nothing new. Its light stays as it is until the next is offered.

        Raises MappingError for a frame of another size.
        """
        if frame is not None:
            self._picture.take(frame.rgb, now=self._clock.now())

    def step(self) -> None:
        """Send one frame. Never raises for outputs; what else it raises, the loop answers with send_safe."""
        now = self._clock.now()
        delta_s = self._since_last(now)
        self._limits.look(now)
        rgb = self._picture.at(now, delta_s=delta_s)
        master = self._master.step(delta_s) * self._lit.step(delta_s) * self._closing
        instead = self._safe_now() if now < self._safe_until else None
        self._levels = self._pipeline.process(rgb, master=master, delta_s=delta_s, frame=self._frame, instead=instead)
        self._stepped_at = now
        self._send(now)

    def send_safe(self) -> None:
        """Send the safe look from levels that were made at load, never brighter than master, blackout and caps allow.

        It passes the flash guard, and stays for SAFE_LEAST_S: should the guard itself be what fails, a step that fails
        now and then still must not make the building flash.
        """
        now = self._clock.now()
        self._safe_until = now + SAFE_LEAST_S
        delta_s, self._stepped_at = self._since_last(now), now
        safe = self._safe_now()
        try:
            self._levels = self._pipeline.guard(safe, delta_s=delta_s, frame=self._frame)
        except Exception:  # noqa: BLE001
            # The loop has logged what fails; this is its last resort, and must not depend on anything.
            self._levels = safe
        self._send(now)

    def sense(self, lux: float) -> None:
        """Take a reading of the venue's light sensor; it can only choose among the caps that the venue names."""
        self._limits.sense(lux)

    def move(self, name: str, changes: dict[str, object]) -> ControllerPatch:
        """Send a controller's light elsewhere from the next frame on, and to the others as before; see Rewiring.move.

        Raises MappingError or OutputError; then everything goes on as it was.
        """
        if self._rewiring is None:
            raise MappingError(f"controller {name!r}: addresses of this delivery stay as they are.")
        return self._rewiring.move(self._dispatch, name, changes, dark=self._safe_levels[0], watch=self._watch)

    def tighten(self, venue: Venue) -> None:
        """Let the brightness caps of an edited venue count too, where they are darker than those of the start."""
        self._limits.tighten(venue)

    def rate(self, ratings: Ratings) -> None:
        """Let supplies, lamps and area of an edited venue count too, where they are stricter than at the start.

        Raises MappingError if a supply could not even feed its black pixels; then everything goes on as it was.
        """
        self._limits.rate(ratings)

    def note_late(self) -> None:
        """Count a deadline that the loop missed."""
        self._late_frames += 1

    def close(self, fade_s: float = 0.5) -> None:
        """Fade to black in at most 0.8 s, send black three times, sACN with the terminated bit, and close. Once."""
        if self._closed:
            return
        self._closed = True
        fade_s = min(max(fade_s, 0.0), LONGEST_CLOSE_S)
        n_frames = max(1, round(fade_s * self._rate_hz))
        start = self._clock.now()
        try:
            for k in range(1, n_frames + 1):
                self._clock.wait_until(start + fade_s * k / n_frames)
                self._closing = 1.0 - k / n_frames
                self.step()
        except Exception:  # noqa: BLE001
            # The same seam as the loop's: whatever is wrong with the fade, the building must go dark.
            _log.exception("the last fade failed; going dark at once")
        finally:
            self._last_words()

    def health(self) -> DeliveryHealth:
        counters, watch = self._pipeline.counters, self._watch
        return DeliveryHealth(
            frames=self._frame,
            late_frames=self._late_frames,
            rate_hz=self._rate_hz,
            packets_per_s=self._packets_per_s,
            worst_gap_s=self._worst_gap_s,
            pixels=self._n_pixels,
            master=self._master.target,
            blackout=self._blackout,
            look=self._picture.look,
            not_finite=counters.not_finite,
            power_scale=counters.power_scale,
            tightened="; ".join(self._limits.tightened),
            cap=counters.cap.why,
            cap_level=counters.cap.level,
            cap_cd_m2=counters.cap.cd_m2 if math.isfinite(counters.cap.cd_m2) else None,
            cap_scale=counters.cap_scale,
            flash_held=counters.flash.held,
            flash_held_s=counters.flash.held_s,
            flash_frames=counters.flash.frames,
            flash_rule=counters.flash.rule,
            unheard="" if watch is None else watch.problem,
            kernel_drops=0 if watch is None else watch.kernel_drops,
            outputs=self._dispatch.health() if watch is None else tuple(map(watch.complete, self._dispatch.health())),
            others=() if watch is None else watch.others(),
        )

    def _since_last(self, now: float) -> float:
        """Seconds for ramps and limits: never more than have passed since the last frame that left."""
        passed_s = 1.0 / self._rate_hz if self._stepped_at is None else now - self._stepped_at
        return min(max(passed_s, 0.0), MAX_DELTA_S)

    def _safe_now(self) -> Levels:
        allowed = min(self._master.target, self._lit.target, self._closing, self._limits.safe_share)
        return self._safe_levels[int(allowed * _SAFE_STEPS)]

    def _send(self, now: float, *, last: bool = False) -> None:
        self._dispatch.send(self._levels, now=now, frame=self._frame, everything=last)
        self._frame += 1
        sent_at = self._clock.now()
        if self._sent_at is not None:
            self._worst_gap_s = max(self._worst_gap_s, sent_at - self._sent_at)
        self._sent_at = sent_at
        if self._window_at is None or sent_at - self._window_at >= _RATE_WINDOW_S:
            packets = self._dispatch.packets()
            if self._window_at is not None:
                self._packets_per_s = (packets - self._window_packets) / (sent_at - self._window_at)
            self._window_at, self._window_packets = sent_at, packets
        self._watch_network(sent_at)

    def _watch_network(self, now: float) -> None:
        if self._watch is None or self._watch_failed:
            return
        try:
            self._watch.step(now)
        except Exception:  # noqa: BLE001
            # A seam: what is only told to people must not cost a frame of light.
            _log.exception("watching the network failed; light goes on, health says less")
            self._watch_failed = True

    def _last_words(self) -> None:
        self._closing = 0.0
        self._levels = self._safe_levels[0]
        self._dispatch.urge()
        self._send(self._clock.now(), last=True)
        self._dispatch.terminate()
        for _ in range(LAST_FRAMES):
            self._dispatch.urge()
            self._send(self._clock.now(), last=True)
        self._dispatch.close()
        if self._watch is not None:
            self._watch.close()


def _matched(slab: PacketSlab, senders: Sequence[Sender]) -> list[Sender]:
    by_name = {s.name: s for s in senders}
    missing = [b.name for b in slab.blocks if b.name not in by_name]
    if missing or len(by_name) != len(slab.blocks):
        raise OutputError(
            f"senders {sorted(by_name)} for controllers {[b.name for b in slab.blocks]}: each controller needs one."
        )
    return [by_name[b.name] for b in slab.blocks]
