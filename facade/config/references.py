"""Names inside one show that must fit together: cues, playlists, inputs, addresses. Pieces are not looked at here."""

from __future__ import annotations

import re

from facade.config.input import AudioInput, OscInput, TuioInput
from facade.config.report import shown
from facade.config.show import Playlist, Show
from facade.core.errors import Problem, did_you_mean

_PARAMETER = re.compile(r"/piece/[a-z][a-z0-9_-]*/[A-Za-z_][A-Za-z0-9_-]*")
_COMMANDS = ("/master", "/blackout", "/show/go", "/show/back", "/show/cue", "/show/hold")


def check_show(show: Show) -> list[Problem]:
    """Return every name in a show that means nothing and every binding or input that stands twice."""
    return [*_check_playlists(show), *_check_inputs(show), *_check_bindings(show)]


def _check_playlists(show: Show) -> list[Problem]:
    problems = []
    for name, cue_of in show.cue.items():
        if cue_of.follow is not None and cue_of.follow not in show.cue:
            fix = f"Name a cue of this show.{did_you_mean(cue_of.follow, show.cue)}"
            rule = "there is no cue of this name"
            problems.append(Problem(show.path, f"cue.{name}.follow", rule, fix, shown(cue_of.follow)))
    for name, playlist in show.playlist.items():
        problems += _check_order(show, name, playlist)
        for n, cue in enumerate(playlist.cues):
            if cue not in show.cue:
                fix = f"Name a cue of this show.{did_you_mean(cue, show.cue)}"
                problems.append(
                    Problem(show.path, f"playlist.{name}.cues[{n}]", "there is no cue of this name", fix, shown(cue))
                )
    if show.start is not None and show.start not in show.playlist:
        fix = f"Name a playlist of this show, or leave start out.{did_you_mean(show.start, show.playlist)}"
        problems.append(Problem(show.path, "start", "there is no playlist of this name", fix, shown(show.start)))
    return problems


def _check_order(show: Show, name: str, playlist: Playlist) -> list[Problem]:
    """A random order must be possible: weights of its own cues, and none so often that it must follow itself."""
    key = f"playlist.{name}"
    if playlist.order != "random":
        fix = 'Write order = "random", or leave weights out.'
        return [Problem(show.path, f"{key}.weights", "count in a random order only", fix)] if playlist.weights else []
    problems = []
    for cue in playlist.weights:
        if cue not in playlist.cues:
            fix = f"Name one of the playlist's cues.{did_you_mean(cue, playlist.cues)}"
            rule = "this cue is not in the playlist"
            problems.append(Problem(show.path, f"{key}.weights.{cue}", rule, fix, shown(playlist.weights[cue])))
    times = {cue: playlist.weights.get(cue, playlist.cues.count(cue)) for cue in playlist.cues}
    most = max(times, key=lambda cue: times[cue])
    others = sum(times.values()) - times[most]
    if times[most] > others:
        rule = f'"{most}" comes {times[most]} times a round and all others {others}, so it would follow itself'
        problems.append(Problem(show.path, f"{key}.cues", rule, "Add cues, or lower its weight."))
    return problems


def _check_inputs(show: Show) -> list[Problem]:
    problems = []
    owners: dict[tuple[str, int | str], str] = {}
    for name, source in show.input.items():
        if isinstance(source, OscInput):
            for n, peer in enumerate(source.feedback):
                if not _is_host_port(peer):
                    fix = 'Write it as "10.0.0.5:9001".'
                    key = f"input.{name}.feedback[{n}]"
                    problems.append(Problem(show.path, key, 'must be "host:port"', fix, shown(peer)))
        if isinstance(source, AudioInput):
            continue  # several may listen to one device
        medium = "udp" if isinstance(source, OscInput | TuioInput) else source.type
        owner = owners.setdefault((medium, source.port), name)
        if owner != name:
            fix = f"Give input.{name} a port of its own, or remove it."
            rule = f"input.{owner} already uses this port"
            problems.append(Problem(show.path, f"input.{name}.port", rule, fix, shown(source.port)))
    return problems


def _check_bindings(show: Show) -> list[Problem]:
    problems = []
    first: dict[tuple[str, str], int] = {}
    for n, binding in enumerate(show.binding):
        key = f"binding[{n}]"
        name, slash, address = binding.source.partition("/")
        if not slash or not address:
            fix = 'Write the input, a slash and the address in it, such as "osc/fader/1".'
            problems.append(Problem(show.path, f"{key}.from", "names no address", fix, shown(binding.source)))
        elif name not in show.input:
            fix = f"Begin with the name of an input of this show.{did_you_mean(name, show.input)}"
            problems.append(
                Problem(show.path, f"{key}.from", f'there is no input "{name}"', fix, shown(binding.source))
            )
        if binding.to not in _COMMANDS and not _PARAMETER.fullmatch(binding.to):
            rule = f"must be /piece/SLUG/NAME or one of {', '.join(_COMMANDS)}"
            near = did_you_mean(binding.to, _COMMANDS)
            fix = "Correct the address." + (near if "Did you mean" in near else "")
            problems.append(Problem(show.path, f"{key}.to", rule, fix, shown(binding.to)))
        if binding.in_range is not None and binding.in_range[0] == binding.in_range[1]:
            fix = "Give two numbers that differ."
            problems.append(Problem(show.path, f"{key}.in_range", "spans nothing", fix, shown(binding.in_range)))
        same = first.setdefault((binding.source, binding.to), n)
        if same != n:
            rule = f"says the same as binding[{same}]: {binding.source} to {binding.to}"
            problems.append(Problem(show.path, key, rule, "Remove one of the two."))
    return problems


def _is_host_port(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    return bool(host and colon) and port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535
