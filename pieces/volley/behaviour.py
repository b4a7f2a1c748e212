"""Volley: the ball, two players, and the border between what they have won. Places are 0..1 across and up the court.

A player nobody has moved for a while is played by the house, so that the wall is never idle.
"""

import numpy as np

LINES = (0.055, 0.945)  # where the players stand
EDGE = 0.045  # the ball turns so far from the ground and the top
LEVELS = 6  # points ahead that win the wall
SLOWEST, QUICKEST = 0.30, 0.80  # walls a second
QUICKER = 1.045  # with every return
STEEPEST = 0.55  # heights a second
STRIKE_S = 0.45  # so long before a return a push counts
LET_ALONE_S = 12.0
PAUSE_S = 1.6
FEAST_S = 7.0
NEVER_S = 1000.0
STEP_S = 1.0 / 60.0

TRAIL = 10
TRAIL_S = 0.045


class Side:
    """One player: where they stand, and who moves them."""

    def __init__(self, name):
        self.name = name
        self.y = 0.5
        self.aim = 0.5  # where the house thinks the ball will come
        self.seen = None  # the control's last value
        self.alone_s = NEVER_S

    def move(self, controls, ball, coming, delta_s):
        value = controls[self.name]
        touched = controls[f"{self.name}_push"] == 0.0 or (self.seen is not None and abs(value - self.seen) > 0.002)
        self.seen = value
        self.alone_s = 0.0 if touched else self.alone_s + delta_s
        if self.alone_s < LET_ALONE_S:
            want, speed = value, 4.0
        else:
            # Nobody runs before the ball is on its way; then they hurry as much as is needed.
            want = self.aim if coming else 0.5 + 0.3 * (ball[1] - 0.5)
            speed = 0.75 if coming else 0.25
        self.y += np.clip(want - self.y, -speed * delta_s, speed * delta_s)


def court_top(pixels):
    """How high every part of the wall is lit, 0..1: a ball may not vanish behind a roof that slopes or steps."""
    column = np.minimum((pixels[:, 0] * 12.0).astype(int), 11)
    tops = [pixels[column == n, 1].max() for n in range(12) if (column == n).any()]
    return float(np.clip(min(tops) + 1.0 - pixels[:, 1].max(), 0.4, 1.0)) if tops else 1.0


def grain_of(pixels, size_m):
    """How far apart the LEDs are, in heights of the wall; on a thin cloud of lamps everything must be larger."""
    spacing = np.sqrt(size_m[0] / size_m[1] / max(len(pixels), 1))
    return float(np.clip(spacing, 0.0, 0.07))


class Game:
    """One evening of games."""

    def __init__(self):
        self.sides = (Side("left"), Side("right"))
        self.lead = 0  # points the left player is ahead
        self.border = 0.5
        self.ball = np.array((0.5, 0.5))
        self.speed = np.zeros(2)
        self.light = 0.0
        self.wait_s = PAUSE_S
        self.server = 0
        self.struck = [0.5, 0.5, NEVER_S, 0.0]
        self.won = [0.0, NEVER_S]
        self.trail = np.zeros((1, TRAIL, 3))
        self.trail_s = 0.0
        self.top, self.grain = 1.0, 0.0

    def live(self, tick, controls):
        if tick.frame == 0:
            self.top, self.grain = court_top(tick.pixels), grain_of(tick.pixels, tick.size_m)
        self.struck[2] = min(self.struck[2] + tick.delta_s, NEVER_S)
        self.won[1] = min(self.won[1] + tick.delta_s, NEVER_S)
        left_s = tick.delta_s
        while left_s > 1e-9:
            step_s = min(STEP_S, left_s)
            left_s -= step_s
            self.step(tick, controls, step_s)
        goal = np.clip(0.5 + 0.5 * self.lead / LEVELS, 0.0, 1.0)
        self.border += (goal - self.border) * (1.0 - np.exp(-tick.delta_s / 0.6))
        self.fade_trail(tick.delta_s)

    def step(self, tick, controls, delta_s):
        for which, side in enumerate(self.sides):
            coming = self.speed[0] * (which - 0.5) > 0.0
            side.move(controls, self.ball, coming, delta_s)
        if self.wait_s > 0.0:
            self.wait(tick, controls, delta_s)
            return
        self.light = min(1.0, self.light + delta_s / 0.4)
        self.ball += self.speed * delta_s
        for edge in (EDGE, 1.0 - EDGE):
            if (self.ball[1] - edge) * (0.5 - edge) < 0.0:
                self.ball[1] = 2.0 * edge - self.ball[1]
                self.speed[1] = -self.speed[1]
        for which, side in enumerate(self.sides):
            beyond = (self.ball[0] - LINES[which]) * (which - 0.5)
            if beyond > 0.0 and self.speed[0] * (which - 0.5) > 0.0:
                self.arrive(tick, controls, which, side)

    def wait(self, tick, controls, delta_s):
        """Between points the ball goes out, and comes up again before whoever lost the last one."""
        self.light = max(0.0, self.light - delta_s / 0.5)
        self.wait_s -= delta_s
        if self.wait_s <= 0.0 or (self.light == 0.0 and self.won[1] > FEAST_S):
            self.ball[:] = LINES[self.server] + (0.06 if self.server == 0 else -0.06), self.sides[self.server].y
        if self.wait_s <= 0.0:
            pace = SLOWEST + 0.22 * controls["pace"]
            self.speed[:] = pace if self.server == 0 else -pace, tick.rng.uniform(-0.3, 0.3)
            self.think(tick, controls, 1 - self.server)

    def arrive(self, tick, controls, which, side):
        """The ball is at a player's line: a return, or a point for the other."""
        off = (self.ball[1] - side.y) / controls["reach"]
        if abs(off) > 1.15:
            self.point(1 - which)
            return
        push = controls[f"{side.name}_push"] < STRIKE_S or (side.alone_s >= LET_ALONE_S and tick.rng.random() < 0.15)
        speed = min(abs(self.speed[0]) * (1.22 if push else QUICKER), QUICKEST)
        self.ball[0] = LINES[which]
        self.speed[0] = -speed if which else speed
        self.speed[1] = np.clip(0.35 * self.speed[1] + 0.42 * off * (1.4 if push else 1.0), -STEEPEST, STEEPEST)
        self.struck = [self.ball[0], self.ball[1], 0.0, float(which)]
        self.think(tick, controls, 1 - which)

    def think(self, tick, controls, which):
        """Where the house believes the ball will cross the other line: right most of the time."""
        flight_s = (LINES[which] - self.ball[0]) / self.speed[0]
        y = self.ball[1] + self.speed[1] * flight_s
        room = 1.0 - 2.0 * EDGE
        y = abs(y - EDGE) % (2.0 * room)
        y = EDGE + (2.0 * room - y if y > room else y)
        tired = 0.42 + 0.8 * max(0.0, abs(self.speed[0]) - 0.42)
        self.sides[which].aim = float(np.clip(y + tick.rng.normal() * tired * controls["reach"], 0.0, 1.0))

    def point(self, winner):
        self.lead += 1 if winner == 0 else -1
        self.server = 1 - winner
        self.speed[:] = 0.0
        self.wait_s = PAUSE_S
        if abs(self.lead) >= LEVELS:
            self.won = [float(winner), 0.0]
            self.wait_s = FEAST_S + PAUSE_S

    def fade_trail(self, delta_s):
        if self.won[1] >= FEAST_S and abs(self.lead) >= LEVELS:
            self.lead = 0
        self.trail_s += delta_s
        if self.trail_s >= TRAIL_S:
            self.trail_s %= TRAIL_S
            self.trail[0, 1:] = self.trail[0, :-1].copy()
            self.trail[0, 0] = (*self.ball, self.light)


game = Game()


def update(tick, controls):
    """One frame of the game."""
    game.live(tick, controls)
    return {
        "ball": (*game.ball, game.light),
        "court": game.top,
        "grain": game.grain,
        "players": (game.sides[0].y, game.sides[1].y),
        "border": game.border,
        "struck": game.struck,
        "won": game.won,
        "trail": game.trail,
    }
