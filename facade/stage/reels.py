"""Files and cameras on screen, as textures: opened when first shown, written when their picture has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from facade.config.piece import is_camera
from facade.core.clock import Clock
from facade.core.errors import FacadeError, PieceError
from facade.core.health import InputHealth
from facade.gpu.context import GpuContext
from facade.gpu.textures import Texture, picture_texture
from facade.media.camera import Camera, Device, cameras
from facade.media.footage import Frame
from facade.media.player import ExactPlayer, LivePlayer, Player, Stamp
from facade.media.reading import GLANCE_S, GLANCES
from facade.stage.moment import START, Moment

MAX_OPEN = 16
"""Files and cameras open at a time; the one that was not shown for longest makes room."""

_LEAST_PX = 256
_IDLE_S = 2.0
"""Not shown for so long, an open film may be taken over by another layer, and a camera is let go."""


@dataclass(slots=True)
class _Reel:
    """source: path or camera. start_s: when the cue started that it plays for. asked_s: when it was shown last."""

    source: str
    linear: bool
    player: Player
    start_s: float
    asked_s: float
    texture: Texture | None = None
    stamp: Stamp | None = None

    def release(self) -> None:
        self.player.close()
        if self.texture is not None:
            self.texture.release()


class Reels:
    """live: files are read on threads, and cameras are there; else everything is exact and cameras are absent.

    canvas_px: of the venue; pictures are scaled down to twice that, because nobody could see more on it.
    find: lists the machine's cameras.
    """

    def __init__(
        self,
        gpu: GpuContext,
        clock: Clock,
        canvas_px: tuple[int, int],
        *,
        live: bool,
        find: Callable[[], tuple[Device, ...]] = cameras,
    ) -> None:
        self._gpu = gpu
        self._clock = clock
        self.limit_px = max(_LEAST_PX, 2 * max(canvas_px))
        self._live = live
        self._find_cameras = find
        self._reels: list[_Reel] = []
        self._failed: dict[str, str] = {}

    @property
    def problems(self) -> dict[str, str]:
        """Source -> why it cannot be shown as it is now, for what is open."""
        files = [r for r in self._reels if not is_camera(r.source)]
        return self._failed | {Path(r.source).name: r.player.problem for r in files if r.player.problem}

    @property
    def cameras(self) -> tuple[InputHealth, ...]:
        """What the cameras in use say of themselves."""
        players = [r.player for r in self._reels]
        return tuple(p.health() for p in players if isinstance(p, Camera))

    def open(self, files: Iterable[Path], *, linear: bool) -> Iterator[None]:
        """Open files before they are shown, or anew if they were saved since; a step takes a few milliseconds.

        Raises FacadeError for the first that cannot be shown. What showed it before then shows it still.
        """
        for file in files:
            self._failed.pop(file.name, None)
            known = self._find(str(file), START, linear)
            reel = known or self._made(str(file), START, linear)
            for each in [r for r in self._reels if r.source == str(file)]:
                if isinstance(each.player, LivePlayer | ExactPlayer):
                    each.player.look()
            for _ in range(GLANCES):
                if not isinstance(reel.player, LivePlayer) or reel.player.is_settled(GLANCE_S):
                    break
                yield
            problem = reel.player.problem
            if problem:
                if known is None:
                    self._drop(reel)
                raise PieceError(problem, file=file)

    def texture(self, source: str, moment: Moment, *, linear: bool) -> Texture | None:
        """Return what a file (its path) or a camera shows at a moment; None while it shows nothing.

        linear: the shader reads linear light; otherwise what the file holds, which is sRGB.
        """
        name = Path(source).name
        if name in self._failed or (is_camera(source) and not self._live):
            return None
        reel = self._find(source, moment, linear)
        try:
            reel = reel or self._made(source, moment, linear)
        except FacadeError as error:
            self._failed[name] = str(error)
            return None
        reel.asked_s = moment.start_s + moment.age_s
        shown = reel.player.at(moment.age_s)
        if shown is None:
            # A film that stumbles keeps its last picture; a camera that has gone leaves none.
            return None if is_camera(source) else reel.texture
        stamp, frame = shown
        if reel.stamp != stamp:
            self._write(reel, frame)
            reel.stamp = stamp
        return reel.texture

    def tend(self, now_s: float) -> None:
        """Let cameras go that nobody looks at any more. now_s: show time."""
        for reel in [r for r in self._reels if is_camera(r.source) and r.asked_s < now_s - _IDLE_S]:
            self._drop(reel)

    def _find(self, source: str, moment: Moment, linear: bool) -> _Reel | None:
        """Return the open reel of this source and start, else one that is idle: opening takes time, seeking little."""
        same = [r for r in self._reels if r.source == source and r.linear == linear]
        mine = next((r for r in same if r.start_s == moment.start_s or is_camera(source)), None)
        if mine is None:
            now_s = moment.start_s + moment.age_s
            mine = next((r for r in same if not r.asked_s or abs(now_s - r.asked_s) > _IDLE_S), None)
        if mine is not None:
            mine.start_s = moment.start_s
        return mine

    def _made(self, source: str, moment: Moment, linear: bool) -> _Reel:
        while len(self._reels) >= MAX_OPEN:
            self._drop(min(self._reels, key=lambda r: r.asked_s))
        player: Player
        if is_camera(source):
            player = Camera(source, self._clock, limit_px=self.limit_px, find=self._find_cameras)
        elif self._live:
            player = LivePlayer(Path(source), limit_px=self.limit_px)
        else:
            player = ExactPlayer(Path(source), limit_px=self.limit_px)
        reel = _Reel(source, linear, player, moment.start_s, moment.start_s + moment.age_s)
        self._reels.append(reel)
        return reel

    def _write(self, reel: _Reel, frame: Frame) -> None:
        size = (frame.shape[1], frame.shape[0])
        if reel.texture is None or reel.texture.size != size:
            if reel.texture is not None:
                reel.texture.release()
            reel.texture = picture_texture(self._gpu, size, linear=reel.linear)
        reel.texture.write(frame.data)

    def _drop(self, reel: _Reel) -> None:
        self._reels.remove(reel)
        reel.release()

    def release(self) -> None:
        for reel in self._reels:
            reel.release()
        self._reels.clear()
