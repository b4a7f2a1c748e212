"""Which piece is shown for which: a piece itself, its fallback where it may not be shown, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from facade.core.errors import FacadeError, located
from facade.stage.cast import Cast, Rehearsal
from facade.stage.faults import BudgetWatch
from facade.stage.ready import ReadyPiece

DEFAULT_FALLBACK = "ember"
"""Shown for a faulted piece that names no fallback, or whose fallback is faulted too; without it, black."""


class Roster:
    """The cast, and what keeps a piece of it off: it did not compile, costs too much, or has crashed the renderer.

    known: slugs the library has, for the default fallback.
    """

    def __init__(self, cast: Cast, watch: BudgetWatch, *, known: Iterable[str]) -> None:
        self.watch = watch
        self._cast = cast
        self.default_fallback = DEFAULT_FALLBACK if DEFAULT_FALLBACK in known else None
        self._quarantined: set[str] = set()

    def get(self, slug: str) -> ReadyPiece | None:
        return self._cast.get(slug)

    def prepare(self, slugs: Iterable[str]) -> dict[str, FacadeError | None]:
        """Compile and warm pieces off air, with their fallbacks. Returns slug -> error, None where it is ready."""
        result: dict[str, FacadeError | None] = {}
        for slug in slugs:
            if slug not in result:
                ready = slug in self._quarantined or self._cast.get(slug) is not None
                result[slug] = None if ready else self.load(slug)
                fallback = self.fallback_of(slug)
                if fallback is not None and self._cast.is_new(fallback):
                    self.load(fallback)
        return result

    def load(self, slug: str) -> FacadeError | None:
        """Read, compile, warm and judge a piece. If it does not hold, the last good one stays."""
        error = self._cast.load(slug)
        if error is None:
            self._judge(slug, None if self.watch.budget_ms is None else self._cast.foreseen_ms(slug))
        return error

    def _judge(self, slug: str, cost_ms: float | None) -> None:
        self.watch.forgive(slug)
        if cost_ms is not None:
            self.watch.foreseen(slug, cost_ms, part=self._cast.part(slug))

    # ---- pieces that another process has tried ----

    def expect(self, slugs: Iterable[str]) -> tuple[str, ...]:
        """Load none of these by itself: each will be admitted or refused. Until then its fallback stands in.

        Returns those that are new; a piece in quarantine is not to be tried.
        """
        new = tuple(slug for slug in slugs if self._cast.is_new(slug) and slug not in self._quarantined)
        self._cast.expect(new)
        return new

    def admit(self, rehearsal: Rehearsal) -> Iterator[None]:
        """Make a rehearsed piece ready, a step between two frames. If it does not hold, the last good one stays."""
        slug = rehearsal.piece.slug
        before = self._cast.get(slug)
        yield from self._cast.admit(rehearsal)
        if self._cast.get(slug) is not before:
            self._quarantined.discard(slug)
            self._judge(slug, rehearsal.cost_ms)

    def refuse(self, slug: str, error: FacadeError) -> None:
        """Note why a piece could not be rehearsed; what was ready stays on."""
        self._cast.refuse(slug, error)

    def problem(self, slug: str) -> FacadeError | None:
        """Return why a piece is not as its files say, None if it is."""
        return self._cast.problems.get(slug)

    # ---- what may be shown ----

    def reload(self, slug: str) -> FacadeError | None:
        """Give a piece that was edited another chance."""
        self._quarantined.discard(slug)
        error = self.load(slug)
        if error is None:
            self.prepare([slug])
        return error

    def first_seen(self, slug: str) -> ReadyPiece | None:
        """Return a ready piece, prepared now if nobody has tried it yet."""
        if self._cast.is_new(slug):
            self.prepare([slug])
        return self._cast.get(slug)

    def quarantine(self, slug: str) -> None:
        """Show the fallback of a piece instead of it, because it has crashed the renderer, until it is reloaded.

        It is not even compiled: that may be what does it.
        """
        self._quarantined.add(slug)
        self.watch.reasons[slug] = (
            f'"{slug}" has stopped the renderer too often and is not tried again. Mend it, or choose another.'
        )

    def release(self, slug: str) -> None:
        """Let a piece out of quarantine; it is shown when it has been admitted."""
        if slug in self._quarantined:
            self._quarantined.discard(slug)
            self._cast.expect((slug,))

    def is_down(self, slug: str) -> bool:
        """Whether a piece may not be shown now."""
        return self._cast.get(slug) is None or slug in self.watch.reasons

    def fallback_of(self, slug: str) -> str | None:
        """Return the piece to show instead of slug: its own choice, else the default; None means black."""
        for choice in (self._cast.fallback(slug), self.default_fallback):
            if choice is None or choice == slug or choice in self.watch.reasons:
                continue
            if self._cast.get(choice) is not None or choice not in self._cast.problems:
                return choice
        return None

    def stand_in(self, slug: str) -> str | None:
        """Return the fallback of a piece, made ready if it was not; None where nothing can be shown instead."""
        choice = self.fallback_of(slug)
        if choice is not None and self._cast.is_new(choice):
            self.load(choice)
        return None if choice is None or self.is_down(choice) else choice

    @property
    def faults(self) -> dict[str, str]:
        """Slug -> why it is not shown as its files say."""
        return {slug: located(error) for slug, error in self._cast.problems.items()} | self.watch.reasons
