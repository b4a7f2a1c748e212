"""What a show listens to: one table a medium, told apart by ``type``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from facade.config.document import Table


class OscInput(Table):
    """OSC over UDP."""

    type: Literal["osc"] = Field(description="OSC over UDP.")
    port: int = Field(default=9000, ge=1, le=65535, description="UDP port to listen on.")
    bind: str = Field(default="127.0.0.1", description="Address of the interface to listen on; 0.0.0.0 listens on all.")
    feedback: tuple[str, ...] = Field(default=(), description='"host:port" that receives every change of a parameter.')
    stale_s: float = Field(default=10.0, gt=0.0, description="Silent for this long, the input counts as stale.")


class MidiInput(Table):
    """MIDI by port name: the first port whose name contains ``port``, upper or lower case."""

    type: Literal["midi"] = Field(description="A MIDI port.")
    port: str = Field(min_length=1, description="Part of the port's name.")
    stale_s: float = Field(default=3600.0, gt=0.0, description="Silent for this long, the input counts as stale.")
    optional: bool = Field(default=False, description="Nobody is told when it is not plugged in.")


class SerialInput(Table):
    """Lines of text from a serial port: CSV, key=value pairs or one JSON object a line."""

    type: Literal["serial"] = Field(description="Lines of text from a serial port.")
    port: str = Field(min_length=1, description="Device path; prefer /dev/serial/by-id/… which survives replugging.")
    baud: int = Field(default=115200, ge=9600, le=921600, description="Speed of the port.")
    format: Literal["auto", "csv", "pairs", "json"] = Field(
        default="auto", description="How a line is written; auto finds out from the first lines."
    )
    stale_s: float = Field(default=5.0, gt=0.0, description="Silent for this long, the input counts as stale.")
    optional: bool = Field(default=False, description="Nobody is told when it is not plugged in.")


class AudioInput(Table):
    """Sound from a device, or from a file that is played round and round."""

    type: Literal["audio"] = Field(description="Sound from a microphone, a mixer or a file.")
    device: str = Field(default="", description="Part of the device's name; empty means the system's own choice.")
    channels: tuple[Annotated[int, Field(ge=1, le=64)], ...] = Field(
        default=(), max_length=64, description="Channels that are heard, from 1, as their mean; empty means all."
    )
    gain_db: float = Field(default=0.0, ge=-60.0, le=60.0, description="Louder or quieter before it is analysed, dB.")
    file: str = Field(default="", description="A sound file instead of a device: a path from the show's folder.")
    stale_s: float = Field(default=5.0, gt=0.0, description="Silent for this long, the input counts as stale.")
    optional: bool = Field(default=False, description="Nobody is told when it is not plugged in.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.device and self.file:
            raise ValueError("an audio input hears a device or a file, not both")
        return self


class TuioInput(Table):
    """Points on a plane: fingers, markers, people, from a table or a tracker."""

    type: Literal["tuio"] = Field(description="TUIO 1.1 over UDP: cursors, objects and blobs.")
    port: int = Field(default=3333, ge=1, le=65535, description="UDP port to listen on.")
    bind: str = Field(default="127.0.0.1", description="Address of the interface to listen on; 0.0.0.0 listens on all.")
    stale_s: float = Field(default=10.0, gt=0.0, description="Silent for this long, the input counts as stale.")


Input = Annotated[OscInput | MidiInput | SerialInput | AudioInput | TuioInput, Field(discriminator="type")]


def where_of(source: Input) -> str:
    """Return what a source listens to, for people."""
    match source:
        case OscInput() | TuioInput():
            return f"port {source.port}"
        case AudioInput():
            return source.file or source.device or "the system's sound device"
        case _:
            return source.port
