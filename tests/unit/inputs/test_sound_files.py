"""Sound files: read as they are, round and round, and refused in words."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from facade.config.input import AudioInput as AudioConfig
from facade.control.events import InputEvent
from facade.control.sound import SOUND
from facade.core.clock import RealClock
from facade.core.errors import InputError
from facade.core.health import State
from facade.inputs.audio import AudioInput, Track
from facade.inputs.soundfile import SoundFile
from facade.inputs.worker import Backoff
from tests.support.arrivals import running, wait_for_state
from tests.support.sound import RATE_HZ, beats, tone, write_wav


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_whole_numbers_of_every_width_are_read(tmp_path: Path, width: int) -> None:
    sound = tone(440.0, seconds=0.3, amplitude=0.9)
    file = SoundFile(write_wav(tmp_path / "a.wav", sound, width=width))
    assert file.rate_hz == RATE_HZ
    # Half a step of rounding, and up to one because full scale is one step short of 1.
    assert np.abs(file.read(len(sound)) - sound).max() < 1.5 / 2 ** (8 * width - 1) + 1e-6
    file.close()


def test_channels_are_heard_as_their_mean_and_the_end_is_followed_by_the_beginning(tmp_path: Path) -> None:
    left, right = tone(440.0, seconds=0.25, amplitude=0.5), np.zeros(12_000, dtype=np.float32)
    file = SoundFile(write_wav(tmp_path / "a.wav", left, right))
    first, second = file.read(12_000), file.read(12_000)
    assert np.abs(first - left / 2).max() < 1e-4
    assert (first == second).all()
    file.close()


@pytest.mark.parametrize("codec", ["flac", "pcm_f32le"])
def test_other_files_are_read_by_the_decoders_of_video(tmp_path: Path, codec: str) -> None:
    av = pytest.importorskip("av")
    sound = tone(440.0, seconds=0.3, amplitude=0.5)
    path = tmp_path / ("a.flac" if codec == "flac" else "a.wav")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE_HZ, layout="mono")
        data = np.rint(sound * 32767).astype("<i2") if codec == "flac" else sound
        frame = av.AudioFrame.from_ndarray(data[None], format="s16" if codec == "flac" else "flt", layout="mono")
        frame.rate = RATE_HZ
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    file = SoundFile(path)
    assert file.rate_hz == RATE_HZ
    both = file.read(2 * len(sound))
    assert np.abs(both[: len(sound)] - sound).max() < 1e-4
    assert np.abs(both[len(sound) :] - sound).max() < 1e-4
    file.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        (b"", "no sound"),
        (b"not a sound" * 100, "no sound"),
        (b"RIFF\x00\x00\x00\x00WAVE", "no"),
    ],
)
def test_what_is_no_sound_is_refused_by_its_name(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=says) as refused:
        SoundFile(path)
    assert str(path) in str(refused.value)


def test_a_wav_without_a_sample_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no sound"):
        SoundFile(write_wav(tmp_path / "a.wav", np.zeros(0, dtype=np.float32)))


def heard(path: Path, *times_s: float, gain_db: float = 0.0) -> list[InputEvent]:
    track = Track("mic", AudioConfig(type="audio", file=str(path), gain_db=gain_db))
    events = [event for time_s in times_s for event in track.until(time_s, at_s=0.0)]
    track.close()
    return events


def test_a_track_says_the_same_however_often_it_is_asked(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", beats(0.1, 0.6, seconds=1.0))
    once = heard(path, 2.0)
    assert heard(path, *np.arange(0.0, 2.0, 0.013), 2.0) == once
    assert [e.address for e in once if e.trigger].count("/beat") == 4
    assert [e.address for e in once].count(SOUND) == 120


def test_gain_makes_it_louder(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(1000.0, seconds=1.0, amplitude=0.01))
    quiet, loud = ([e.args[0] for e in heard(path, 1.0, gain_db=g) if e.address == "/level"][-1] for g in (0.0, 20.0))
    assert (quiet, loud) == (pytest.approx(1 / 3, abs=0.01), pytest.approx(2 / 3, abs=0.01))


def test_a_file_plays_as_an_input(tmp_path: Path) -> None:
    config = AudioConfig(type="audio", file=str(write_wav(tmp_path / "a.wav", beats(0.1, 0.6, seconds=1.0))))
    each = AudioInput("mic", config, clock=RealClock(), backoff=Backoff(np.random.default_rng(0)))
    with running(each) as arrivals:
        arrivals.wait_for_address("/beat")
        assert wait_for_state(each, State.LIVE).kind == "audio"


def test_a_file_that_has_gone_is_a_state_with_its_name(tmp_path: Path) -> None:
    config = AudioConfig(type="audio", file=str(tmp_path / "gone.wav"))
    each = AudioInput("mic", config, clock=RealClock(), backoff=Backoff(np.random.default_rng(0)))
    with running(each):
        assert "gone.wav: cannot be read" in wait_for_state(each, State.FAILED).problem


def test_two_channels_stay_two_and_more_become_their_mean(tmp_path: Path) -> None:
    for count in (1, 2, 3):
        values = np.tile(np.arange(1, count + 1, dtype="<i2") * 4096, (100, 1))
        with wave.open(str(tmp_path / "a.wav"), "wb") as out:
            out.setnchannels(count)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(values.tobytes())
        file = SoundFile(tmp_path / "a.wav")
        wanted = {1: [0.125], 2: [0.125, 0.25], 3: [0.25]}[count]
        assert file.channels(150).tolist() == [wanted] * 150
        file.close()
