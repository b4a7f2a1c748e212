"""What a show listens to, with what was said on the command line, every file found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from facade.config.input import AudioInput, Input, OscInput, TuioInput
from facade.config.show import Show
from facade.config.venue import Venue
from facade.core.errors import ConfigError, InputError, Problem, did_you_mean
from facade.inputs.soundfile import SoundFile


def show_with_inputs(show: Show, venue: Venue, *, ports: Mapping[str, str], sound: str) -> Show:
    """Return the show with all that is listened to, the venue's own inputs too. ports, sound: as ``make_plan``'s.

    Raises ConfigError as ``inputs_to_open`` does, and for an input of the show that is called like one of the venue.
    """
    twice = [name for name in show.input if name in venue.input]
    rule, fix = "the venue has an input of this name", "Give the show's another name, or remove it and use the venue's."
    if twice:
        raise ConfigError(Problem(show.path, f"input.{name}", rule, fix) for name in twice)
    inputs = inputs_to_open({**venue.input, **show.input}, show.path, ports=ports, sound=sound)
    return show.model_copy(update={"input": inputs})


def inputs_to_open(
    declared: Mapping[str, Input], file: Path | None, *, ports: Mapping[str, str], sound: str
) -> dict[str, Input]:
    """Return inputs as they will be opened. file: what declares them, if any.

    Raises ConfigError for an input that is not declared, and for a sound file that cannot be read.
    """
    problems: list[Problem] = []
    inputs = dict(declared)
    for name, port in ports.items():
        each = inputs.get(name)
        if each is None:
            rule = f'the show has no input "{name}"'
            problems.append(Problem(file, "--input", rule, did_you_mean(name, inputs).strip()))
        elif isinstance(each, AudioInput):
            inputs[name] = each.model_copy(update={"device": port, "file": ""})
        elif not isinstance(each, OscInput | TuioInput):
            inputs[name] = each.model_copy(update={"port": port})
        elif port.isdigit() and 1 <= int(port) <= 65535:
            inputs[name] = each.model_copy(update={"port": int(port)})
        else:
            problems.append(Problem(file, f"--input {name}", "a UDP port is a number 1..65535", "", value=port))
    if sound:
        inputs = _with_sound(inputs, sound)
    for name, each in inputs.items():
        if isinstance(each, AudioInput) and each.file:
            try:
                inputs[name] = _found(each, file, is_given=bool(sound))
            except InputError as error:
                key = "--sound" if sound else f"input.{name}.file"
                problems.append(Problem(None if sound else file, key, str(error).rstrip("."), ""))
    if problems:
        raise ConfigError(problems)
    return inputs


def _with_sound(inputs: Mapping[str, Input], sound: str) -> dict[str, Input]:
    """Every audio input hears this instead; a show without one gets one, called sound."""
    is_file = Path(sound).is_file() or Path(sound).suffix != ""
    heard = {"file": sound, "device": ""} if is_file else {"file": "", "device": "" if sound == "default" else sound}
    made = {n: e.model_copy(update=heard) if isinstance(e, AudioInput) else e for n, e in inputs.items()}
    if not any(isinstance(each, AudioInput) for each in made.values()):
        made["sound"] = AudioInput(type="audio").model_copy(update=heard)
    return made


def _found(source: AudioInput, document: Path | None, *, is_given: bool) -> AudioInput:
    """Return an audio input whose file is a whole path, after a first look into it. Raises InputError."""
    folder = Path() if document is None or is_given else document.parent
    path = (folder / source.file).resolve()
    SoundFile(path).close()
    return source.model_copy(update={"file": str(path)})
