"""Films through av: the frame whose presentation interval holds a time, exactly, in a loop, a frame in memory.

Opening reads the film's packets once without decoding them, so that every frame's time and every place to start
decoding from is known. Time stamps count from the first frame; the last one lasts as long as its packet says.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from facade.core.errors import MachineError, PieceError
from facade.media.footage import Frame, within

MAX_BYTES = 8_000_000_000
MAX_PX = 36_000_000
MAX_FRAMES = 1_000_000
_HD_LINES = 720
_UNSPECIFIED, _BT709 = 2, 1


def load_av(file: str) -> ModuleType:
    """Return av. Raises MachineError naming the extra."""
    try:
        import av
    except ImportError as error:
        raise MachineError(
            f'"{file}": films and cameras need the package av. Install it with: pip install "media-facade[video]".'
        ) from error
    return av


class Film:
    """One film file, open."""

    def __init__(self, file: Path, *, limit_px: int) -> None:
        """Read its times. Raises PieceError if it is no film or too large, MachineError where av is missing."""
        self._file = file
        self._av = load_av(file.name)
        try:
            if file.stat().st_size > MAX_BYTES:
                raise self._wrong(f"has more than {MAX_BYTES / 1e9:.0f} GB", "Make it smaller")
            self._container: Any = self._av.open(str(file))
        except FileNotFoundError:
            raise self._wrong(f"is not in {file.parent} any more", "Put it back") from None
        except (self._av.FFmpegError, OSError, ValueError) as error:
            raise self._unreadable(error) from error
        try:
            self._prepare(limit_px)
        except (self._av.FFmpegError, OSError, ValueError) as error:
            self.close()
            raise self._unreadable(error) from error
        except PieceError:
            self.close()
            raise

    def _prepare(self, limit_px: int) -> None:
        if not self._container.streams.video:
            raise self._wrong("holds no pictures", "Choose a file with a video stream")
        stream = self._container.streams.video[0]
        stream.thread_type = "AUTO"
        if stream.width * stream.height > MAX_PX:
            raise self._wrong(
                f"has {stream.width} x {stream.height} pixels; a film may have {MAX_PX:,}", "Scale it down"
            )
        self._stream = stream
        self._times, self._keys, end = self._scan()
        self.n_frames = len(self._times)
        base = float(stream.time_base)
        self._starts_s = (self._times - self._times[0]) * base
        self.duration_s = float((end - self._times[0]) * base)
        self._limit_px = limit_px
        self._decoder: Any = None
        self._last: tuple[int, Frame] | None = None
        self._ahead = -1
        self.read(0)

    def _scan(self) -> tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]], int]:
        """Return the frames' time stamps in order, those that decoding can start from, and the end of the last."""
        times: list[int] = []
        keys: list[int] = []
        last, length = -1, 0
        for packet in self._container.demux(self._stream):
            stamp = packet.dts if packet.pts is None else packet.pts
            if not packet.size or packet.is_discard:
                continue
            if stamp is None:
                raise self._wrong("says of no frame when it is on", "Convert it to MP4 or WebM")
            times.append(stamp)
            if packet.is_keyframe:
                keys.append(stamp)
            if stamp >= last:
                last, length = stamp, int(packet.duration or 0)
            if len(times) > MAX_FRAMES:
                raise self._wrong(f"has more than {MAX_FRAMES:,} frames", "Cut it")
        if not times:
            raise self._wrong("holds no frame", "Export it again")
        ordered = np.unique(np.array(times, dtype=np.int64))
        if not length:
            length = int(np.median(np.diff(ordered))) if len(ordered) > 1 else max(1, round(1 / self._stream.time_base))
        starts = np.array(sorted(keys), dtype=np.int64) if keys else ordered[:1]
        return ordered, starts, int(ordered[-1]) + length

    def index_at(self, time_s: float) -> int:
        # A nanosecond of grace: k / rate must be frame k, however the division was rounded.
        local = (time_s + 1e-9) % self.duration_s
        return max(0, int(np.searchsorted(self._starts_s, local, side="right")) - 1)

    def read(self, index: int) -> Frame:
        if self._last is not None and self._last[0] == index:
            return self._last[1]
        try:
            frame = self._decode(index)
        except (self._av.FFmpegError, OSError, ValueError) as error:
            self._ahead = -1
            if self._last is None:
                raise self._unreadable(error) from error
            frame = self._last[1]
        self._last = (index, frame)
        return frame

    def _decode(self, index: int) -> Frame:
        """Go on from where the decoder stands if no key frame is nearer, else start from the last one before index.

        Some containers seek by decoding time, which may land behind the frame; then from one key frame earlier.
        """
        wanted = int(self._times[index])
        key = max(0, int(np.searchsorted(self._keys, wanted, side="right")) - 1)
        if 0 <= self._ahead < index and int(self._times[self._ahead]) >= int(self._keys[key]):
            picture = self._forward(wanted)
            if picture is not None:
                self._ahead = index
                return self._converted(picture)
        for start in dict.fromkeys((key, max(0, key - 1), max(0, key - 4), 0)):
            self._container.seek(int(self._keys[start]), stream=self._stream, backward=True)
            self._decoder = self._container.decode(self._stream)
            picture = self._forward(wanted)
            if picture is not None:
                self._ahead = index
                return self._converted(picture)
        self._ahead = -1
        raise self._wrong(f"cannot be decoded at {self._starts_s[index]:.2f} s", "Export it again")

    def _forward(self, wanted: int) -> Any:
        """Return the decoded picture that is on at a time stamp, None if the decoder is behind it or broken there."""
        best = None
        for picture in self._decoder:
            if picture.pts is None or picture.pts > wanted:
                break
            best = picture
            if picture.pts == wanted:
                break
        return best

    def _converted(self, picture: Any) -> Frame:
        width, height = within((picture.width, picture.height), self._limit_px)
        # Films that do not say are BT.709 from HD upwards and BT.601 below; av takes all of them for BT.601.
        hd = picture.colorspace == _BT709 or (picture.colorspace == _UNSPECIFIED and picture.height >= _HD_LINES)
        spaces = {"src_colorspace": "ITU709", "dst_colorspace": "ITU709"} if hd else {}
        scaled = picture.reformat(width=width, height=height, format="rgba", interpolation="AREA", **spaces)
        turns = round(float(getattr(picture, "rotation", 0) or 0) / 90.0) % 4
        upright = np.rot90(scaled.to_ndarray(), turns)
        frame = np.ascontiguousarray(upright[::-1])
        frame.flags.writeable = False
        return frame

    def close(self) -> None:
        self._decoder = None
        self._last = None
        self._container.close()

    def _wrong(self, rule: str, fix: str) -> PieceError:
        return PieceError(f"{self._file.name} {rule}. {fix}.", file=self._file)

    def _unreadable(self, error: Exception) -> PieceError:
        what = getattr(error, "strerror", None) or " ".join(str(error).split())
        return self._wrong(f"is no film that can be read ({what})", "Export it again, such as MP4 with H.264")
