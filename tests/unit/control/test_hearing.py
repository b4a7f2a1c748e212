"""What is heard: pitch, loudness, bands and beats, the same however the samples arrive."""

from __future__ import annotations

import numpy as np
import pytest

from facade.control.hearing import Heard, Hearing, level_of
from facade.control.sound import COLUMNS, LEVELS, NEVER_S, SILENCE, SoundFrame, from_text, to_text
from facade.core.errors import InputError
from tests.support.sound import RATE_HZ, beats, tone


def number(heard: Heard, name: str) -> float:
    return heard.frame.levels[LEVELS.index(name)]


def spectrum(heard: Heard) -> np.ndarray:
    return np.frombuffer(heard.frame.spectrum, dtype=np.uint8).astype(int)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("bin_at", [12, 100, 400])
def test_a_tone_is_the_peak_of_its_bin(rate_hz: int, bin_at: int) -> None:
    sound = tone(bin_at * rate_hz / 2048, seconds=0.5, amplitude=0.02, rate_hz=rate_hz)
    last = Hearing(rate_hz).feed(sound)[-1]
    assert spectrum(last).argmax() == bin_at
    assert spectrum(last)[[bin_at - 8, bin_at + 8]].max() < 5


def test_decibels_are_those_of_the_web_audio_analyser() -> None:
    # A Blackman window halves a bin-centred sine to 0.42 / 2 of its amplitude.
    last = Hearing(RATE_HZ).feed(tone(100 * RATE_HZ / 2048, seconds=2.0, amplitude=0.01))[-1]
    decibels = 20.0 * np.log10(0.01 * 0.21)
    assert abs(spectrum(last)[100] - 255.0 * (decibels + 100.0) / 70.0) <= 1.0


@pytest.mark.parametrize(("amplitude", "level"), [(1.0, 1.0), (0.1, 2 / 3), (0.01, 1 / 3), (0.0005, 0.0)])
@pytest.mark.parametrize(("hz", "band"), [(100.0, "bass"), (1000.0, "mid"), (5000.0, "treble")])
def test_a_level_is_the_sines_decibels_and_its_band_alone_hears_it(
    amplitude: float, level: float, hz: float, band: str
) -> None:
    last = Hearing(RATE_HZ).feed(tone(hz, seconds=3.0, amplitude=amplitude))[-1]
    assert number(last, "level") == pytest.approx(level, abs=0.01)
    assert number(last, band) == pytest.approx(level, abs=0.01)
    assert number(last, "peak") == pytest.approx(level, abs=0.01)
    assert all(number(last, other) < 0.05 for other in {"bass", "mid", "treble"} - {band})


def test_every_beat_is_told_once_and_within_a_twentieth_of_a_second() -> None:
    when = [0.5, 1.0, 1.5, 2.1, 2.9, 3.2]
    hiss = np.random.default_rng(1).standard_normal(4 * RATE_HZ).astype(np.float32) * 0.003
    heard = Hearing(RATE_HZ).feed(beats(*when, seconds=4.0) + hiss)
    heard = [h for h in heard if h.at_s > 0.3]  # the hiss begins too
    for told in ([h.at_s for h in heard if h.onset], [h.at_s for h in heard if h.beat]):
        assert len(told) == len(when)
        assert all(0.0 <= t - w <= 0.05 for t, w in zip(told, when, strict=True))
    last = heard[-1]
    assert number(last, "since_beat_s") == pytest.approx(4.0 - 3.2, abs=0.05)


def test_a_high_note_is_an_onset_and_no_beat() -> None:
    swell = np.minimum(np.arange(RATE_HZ) / (0.03 * RATE_HZ), 1.0).astype(np.float32)
    note = tone(2000.0, seconds=1.0, amplitude=0.3) * swell  # an abrupt beginning is a click, bass and all
    heard = Hearing(RATE_HZ).feed(np.concatenate((np.zeros(RATE_HZ, dtype=np.float32), note)))
    assert [h.onset for h in heard].count(True) == 1
    assert not any(h.beat for h in heard)


def test_a_steady_tone_has_one_beginning() -> None:
    heard = Hearing(RATE_HZ).feed(np.concatenate((np.zeros(RATE_HZ, np.float32), tone(440.0, seconds=4.0))))
    assert [h.onset for h in heard].count(True) == 1


def test_silence_is_silence() -> None:
    heard = Hearing(RATE_HZ).feed(np.zeros(RATE_HZ, dtype=np.float32))
    assert len(heard) == 60
    assert heard[-1].frame == SILENCE


def test_frames_do_not_depend_on_how_the_samples_arrive() -> None:
    rng = np.random.default_rng(4)
    sound = beats(0.3, 0.9, seconds=1.5) + rng.standard_normal(round(1.5 * RATE_HZ)).astype(np.float32) * 0.05
    whole = Hearing(RATE_HZ).feed(sound)
    cuts = np.sort(rng.integers(0, len(sound), 60))
    piecewise = Hearing(RATE_HZ)
    assert [h for part in np.split(sound, cuts) for h in piecewise.feed(part)] == whole


def test_the_drive_runs_with_the_level_and_rests_in_silence() -> None:
    hearing = Hearing(RATE_HZ)
    before = hearing.feed(tone(440.0, seconds=2.0, amplitude=0.1))[-1]
    after = hearing.feed(np.zeros(4 * RATE_HZ, dtype=np.float32))
    assert number(before, "drive_s") == pytest.approx(2.0 * 2 / 3, abs=0.1)
    assert number(after[-1], "drive_s") == pytest.approx(number(after[-60], "drive_s"), abs=1e-3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_numbers_that_no_microphone_sends_leave_no_trace_but_noise(value: float) -> None:
    hearing = Hearing(RATE_HZ)
    hearing.feed(np.full(RATE_HZ, value, dtype=np.float32))
    last = hearing.feed(np.zeros(8 * RATE_HZ, dtype=np.float32))[-1]
    assert all(np.isfinite(last.frame.levels))
    assert number(last, "level") < 1e-3


def test_a_level_has_a_floor_and_a_ceiling() -> None:
    assert [level_of(a) for a in (0.0, 1e-9, 1e-3, 1.0, 50.0)] == pytest.approx([0.0, 0.0, 0.0, 1.0, 1.0])


def test_a_frame_survives_its_way_through_text() -> None:
    frame = Hearing(RATE_HZ).feed(tone(440.0, seconds=0.5))[-1].frame
    again = from_text(to_text(frame.encode()))
    assert again == SoundFrame.decode(frame.encode())
    assert (again.spectrum, again.wave) == (frame.spectrum, frame.wave)
    assert len(again.wave) == len(again.spectrum) == COLUMNS
    assert SILENCE.levels[LEVELS.index("since_onset_s")] == NEVER_S


@pytest.mark.parametrize("text", ["", "x", "AAAA", "é", to_text(b"short"), to_text(bytes(5_000_000))])
def test_a_text_that_is_no_frame_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="frame of sound"):
        from_text(text)


def test_of_two_channels_each_is_heard_by_itself_beside_their_mean() -> None:
    low, high = (tone(b * RATE_HZ / 2048, seconds=0.5, amplitude=0.02) for b in (40, 200))
    last = Hearing(RATE_HZ).feed(np.column_stack((low, high)))[-1]
    (left, left_wave), (right, right_wave) = last.frame.channels
    peaks = [int(np.frombuffer(heard, dtype=np.uint8).argmax()) for heard in (left, right)]
    assert peaks == [40, 200]
    assert {left, left_wave}.isdisjoint({right, right_wave})
    mixed = Hearing(RATE_HZ).feed((low + high) / 2)[-1]
    assert np.abs(spectrum(last) - spectrum(mixed)).max() <= 1
    assert SoundFrame.decode(last.frame.encode()).channels == last.frame.channels
    assert from_text(to_text(last.frame.encode())).channels == last.frame.channels


def test_one_channel_is_the_only_one() -> None:
    last = Hearing(RATE_HZ).feed(tone(440.0, seconds=0.5))[-1]
    assert last.frame.channels == ((last.frame.spectrum, last.frame.wave),)
