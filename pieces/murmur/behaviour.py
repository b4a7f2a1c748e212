"""Murmur: birds that keep together without touching, come to hands, sit on lamps, and fly up. Lengths in heights.

After Reynolds' three rules (1987): stay close, fly alike, do not collide. All of them at once, as arrays.
"""

import numpy as np

BIRDS = 44
SEES = 0.30  # a bird minds others nearer than this
ROOM = 0.13  # and keeps this far from them: where they fly densely and fast, a lamp would flicker
SLOWEST, FASTEST = 0.06, 0.155  # heights a second
ARRIVES = 0.02  # so near a lamp it sits
TAKE_OFF_S = 5.0  # it flies at least this long before it sits again
SIT_S = (12.0, 45.0)
SOON_S = 0.6  # a tired bird takes about this long to make up its mind
STARTLE_S = 2.5
STRUNG_S = 5.0  # the last bird of a flock is so far behind the first
TRAIL_S = 0.9  # a trail is half as bright after this long
COLUMNS, ROWS = 72, 40

FLYING, LANDING, SITTING = 0, 1, 2


class Flock:
    """The birds of one layer."""

    def __init__(self, tick):
        rng = tick.rng
        self.wall = np.array((tick.size_m[0] / tick.size_m[1], 1.0))
        self.lamps = tick.pixels * self.wall if len(tick.pixels) else np.zeros((1, 2))
        middle = self.wall * (0.35 + 0.3 * rng.random(2))
        self.place = middle + rng.normal(size=(BIRDS, 2)) * 0.20
        self.speed = rng.normal(size=(BIRDS, 2)) * 0.1
        self.mode = np.zeros(BIRDS, dtype=int)
        self.since = rng.random(BIRDS) * TAKE_OFF_S  # seconds in this mode
        self.stays = np.zeros(BIRDS)
        self.lamp = np.full(BIRDS, -1)
        self.wants = rng.permutation(BIRDS) / BIRDS  # whoever has little sits first
        self.breath = rng.random(BIRDS)
        self.lag = rng.random(BIRDS)
        self.light = np.full(BIRDS, 0.8)
        self.grain = float(np.clip(np.sqrt(self.wall[0] / max(len(self.lamps), 1)), 0.0, 0.07))
        self.turn = rng.random(3)
        self.trails = np.zeros((ROWS, COLUMNS, 2))
        # A few birds start where they sleep, so that the first picture has both.
        for bird in np.flatnonzero(self.wants < 0.2):
            self.choose(bird, rng)
            self.place[bird], self.mode[bird] = self.lamps[self.lamp[bird]], SITTING
            self.stays[bird] = rng.uniform(*SIT_S)

    def live(self, tick, controls):
        rng, dt = tick.rng, tick.delta_s
        self.since += dt
        self.decide(rng, tick, controls)
        push = self.together() + self.wander(tick.time_s) + self.lured(controls) + self.kept_in()
        push += rng.normal(size=(BIRDS, 2)) * 0.15
        startled = controls["startle"]
        if startled < STARTLE_S:
            away = self.place - np.array(controls["near"]) * self.wall
            far = np.linalg.norm(away, axis=1, keepdims=True)
            # Gently at first, so that whoever hammers on it holds them still.
            gust = min(1.0, startled / 0.7) ** 2 * (1.0 - startled / STARTLE_S)
            push += 1.8 * gust * away / np.maximum(far, 0.1) * np.exp(-far)
        self.fly(push, dt)
        self.shine(dt)

    # ---- what each of them does ----

    def decide(self, rng, tick, controls):
        """Who sits down, who gets up. Tiredness comes and goes over most of a minute."""
        tired = controls["rest"] * (0.9 + 0.3 * np.sin(tick.time_s * 0.12 + 6.28 * self.turn[0]))
        sleepy = self.wants < tired * (1.0 - 0.7 * max(controls["pull"], controls["far_pull"]))
        flying = self.mode == FLYING
        for bird in np.flatnonzero(
            flying & sleepy & (self.since > TAKE_OFF_S) & (rng.random(BIRDS) < tick.delta_s / SOON_S)
        ):
            self.choose(bird, rng)
            self.enter(bird, LANDING)
            self.stays[bird] = rng.uniform(*SIT_S)
        up = ~flying & (~sleepy | ((self.mode == SITTING) & (self.since > self.stays)))
        if controls["startle"] < STARTLE_S:
            # A fright runs through them like a wave.
            away = np.linalg.norm(self.place - np.array(controls["near"]) * self.wall, axis=1)
            up |= ~flying & (away < 0.6 * controls["startle"])
        for bird in np.flatnonzero(up):
            self.lamp[bird] = -1
            self.enter(bird, FLYING)
            self.speed[bird] = rng.normal(size=2) * 0.08 + np.array((0.0, 0.12))

    def choose(self, bird, rng):
        """The nearest of a few lamps that nobody has, any of them if all are taken."""
        few = rng.integers(len(self.lamps), size=10)
        free = few[~np.isin(few, self.lamp)] if len(self.lamps) > 2 * BIRDS else few
        few = free if len(free) else few
        self.lamp[bird] = few[np.argmin(np.linalg.norm(self.lamps[few] - self.place[bird], axis=1))]

    def enter(self, bird, mode):
        self.mode[bird], self.since[bird] = mode, 0.0

    # ---- what moves them ----

    def together(self):
        x, y = self.place.T
        far = np.hypot(x[None, :] - x[:, None], y[None, :] - y[:, None])
        np.fill_diagonal(far, 9.0)
        minds = ((far < SEES) & (self.mode != SITTING)[None, :]).astype(float)
        count = minds.sum(axis=1, keepdims=True)
        share = 1.0 / np.maximum(count, 1.0)
        close = 0.4 * share * (minds @ self.place - count * self.place)
        alike = 2.2 * share * (minds @ self.speed - count * self.speed)
        crowd = minds * np.maximum(ROOM - far, 0.0) / (ROOM * (far + 1e-6))
        return close + alike - 1.3 * (crowd @ self.place - crowd.sum(axis=1, keepdims=True) * self.place)

    def wander(self, time_s):
        """Two slow rounds through the sky. Each bird follows the one it likes, some seconds behind the first."""
        a, b, c = 6.28 * self.turn
        t = time_s - STRUNG_S * self.lag
        first = np.stack((0.5 + 0.38 * np.sin(0.14 * t + a), 0.54 + 0.30 * np.sin(0.23 * t + b)), axis=1)
        second = np.stack((0.5 + 0.41 * np.sin(0.10 * t + c + 2.6), 0.50 + 0.32 * np.cos(0.19 * t + a)), axis=1)
        goal = np.where(self.wants[:, None] < 0.6, first, second) * self.wall
        return _limited(goal - self.place, 0.6) * 0.9

    def lured(self, controls):
        total = np.zeros((BIRDS, 2))
        hands = [(controls["near"], controls["pull"]), (controls["far"], controls["far_pull"])]
        hands = [(np.array(at) * self.wall, pull) for at, pull in hands if pull > 0.01]
        if not hands:
            return total
        away = np.stack([at - self.place for at, _ in hands])
        nearest = np.argmin(np.linalg.norm(away, axis=2), axis=0)
        pulls = np.array([pull for _, pull in hands])[nearest][:, None]
        towards = away[nearest, np.arange(BIRDS)]
        # Once there they hover about the hand instead of crowding on it.
        far = np.linalg.norm(towards, axis=1, keepdims=True)
        return _limited(towards, 0.5) * 3.0 * pulls * np.clip((far - 0.10) / 0.15, 0.0, 1.0)

    def kept_in(self):
        low = np.maximum(0.08 - self.place, 0.0)
        high = np.maximum(self.place - (self.wall - 0.08), 0.0)
        return 14.0 * (low - high)

    def fly(self, push, dt):
        self.speed += push * dt
        now = np.linalg.norm(self.speed, axis=1, keepdims=True) + 1e-9
        self.speed *= np.clip(now, SLOWEST, FASTEST) / now
        landing = self.mode == LANDING
        if landing.any():
            to = self.lamps[self.lamp[landing]] - self.place[landing]
            far = np.linalg.norm(to, axis=1, keepdims=True)
            # They come down in a curve, and slow down.
            aim = to / np.maximum(far, 1e-6) * np.minimum(0.9 * far + 0.04, 1.3 * FASTEST)
            self.speed[landing] += (aim - self.speed[landing]) * (1.0 - np.exp(-dt * 4.0))
        self.speed[self.mode == SITTING] = 0.0
        self.place += self.speed * dt
        there = landing & (np.linalg.norm(self.lamps[self.lamp] - self.place, axis=1) < ARRIVES)
        self.place[there] = self.lamps[self.lamp[there]]
        self.mode[there], self.since[there] = SITTING, 0.0
        np.clip(self.place, 0.0, self.wall, out=self.place)

    # ---- what is seen of them ----

    def shine(self, dt):
        sitting = self.mode == SITTING
        self.breath += dt * np.where(sitting, 0.11, 0.23)
        wave = 0.5 - 0.5 * np.cos(6.28 * self.breath)
        wanted = np.where(sitting, 0.30 + 0.40 * wave, 0.80 + 0.20 * wave)
        self.light += (wanted - self.light) * (1.0 - np.exp(-dt / 0.5))

        self.trails *= 0.5 ** (dt / TRAIL_S)
        at = np.clip(self.place / self.wall, 0.0, 1.0) * (COLUMNS, ROWS) - 0.5
        corner = np.floor(at).astype(int)
        part = at - corner
        for dx in (0, 1):
            for dy in (0, 1):
                share = np.abs(1 - dx - part[:, 0]) * np.abs(1 - dy - part[:, 1]) * self.light * dt
                column = np.clip(corner[:, 0] + dx, 0, COLUMNS - 1)
                row = np.clip(corner[:, 1] + dy, 0, ROWS - 1)
                np.add.at(self.trails, (row, column), np.column_stack((share, share * sitting)))
        # A little spreads to all sides, as a breath on glass.
        soft = 0.5 * (1.0 - np.exp(-dt * 5.0))
        for axis in (0, 1):
            rows = np.moveaxis(self.trails, axis, 0)
            flows = 0.5 * soft * (rows[1:] - rows[:-1])
            rows[:-1] += flows
            rows[1:] -= flows

    def told(self):
        sitting = (self.mode == SITTING).astype(float)
        return np.column_stack((self.place, self.light, sitting))[None, :, :]


def _limited(vectors, most):
    far = np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    return vectors * np.minimum(1.0, most / far)


flock = None


def update(tick, controls):
    """One frame of the flock."""
    global flock
    if flock is None:
        flock = Flock(tick)
    flock.live(tick, controls)
    return {"birds": flock.told(), "trails": flock.trails, "grain": flock.grain}
