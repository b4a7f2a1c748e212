"""@TITLE@: fireflies. facade calls update once a frame and hands what it returns to main.frag.

Globals belong to one layer and begin anew with its cue. Chance comes from tick.rng, so that the same evening can be
played again. Keep an update below 8 ms.
"""

import numpy as np

FLIES = 16
SPEED = 0.12  # heights of the wall a second

place = np.zeros((FLIES, 2))
heading = np.zeros(FLIES)
breath = np.zeros(FLIES)


def update(tick, controls):
    """Return the uniforms that piece.toml declares. tick: frame time_s delta_s rng size_m pixels."""
    wall = np.array((tick.size_m[0] / tick.size_m[1], 1.0))
    if tick.frame == 0:
        place[:] = tick.rng.random((FLIES, 2)) * wall
        heading[:] = tick.rng.random(FLIES) * 2.0 * np.pi
        breath[:] = tick.rng.random(FLIES)

    # Wander, and turn towards the place for six seconds after a call.
    turn = tick.rng.normal(size=FLIES) * np.sqrt(tick.delta_s) * 6.0 * controls["restless"]
    if controls["call"] < 6.0:
        away = np.array(controls["place"]) * wall - place
        turn += np.sin(np.arctan2(away[:, 1], away[:, 0]) - heading) * 5.0 * tick.delta_s
    heading[:] += turn
    place[:] += np.column_stack((np.cos(heading), np.sin(heading))) * SPEED * tick.delta_s
    # Whoever reaches an edge turns back.
    out = (place < 0.0) | (place > wall)
    heading[out[:, 0]] = np.pi - heading[out[:, 0]]
    heading[out[:, 1]] *= -1.0
    np.clip(place, 0.0, wall, out=place)

    breath[:] += tick.delta_s * (0.12 + 0.01 * np.arange(FLIES))
    light = 0.5 - 0.5 * np.cos(2.0 * np.pi * breath)
    return {"flies": np.column_stack((place, light, np.zeros(FLIES)))[None, :, :]}
