"""Which scene is on, which is going, and which cue comes next. A function of time between moves."""

from __future__ import annotations

from visuals.types import Change, Cue, Show, Through


class Playback:
    """The scene on air, the one it is fading from, and the place in the cue list."""

    def __init__(self, show: Show, now: float = 0.0) -> None:
        self.current = next(iter(show.scenes))
        self.outgoing: str | None = None
        self.since = now
        self.left_since = now
        self.cue: str | None = None
        self.stands_by: str | None = None
        self._fade_from, self._fade_s = now, 0.0
        self._through: Through | None = None
        self._backwards = False
        self._scenes = frozenset(show.scenes)
        self._cues = {cue.number: cue for cue in show.cues}
        self._order = [cue.number for cue in show.cues]

    def go(self, scene: str, fade_s: float, now: float, through: Through | None = None) -> bool:
        """Change to a scene; false when it is on already.

        Turning back in the middle of a change goes back from there, by the way it came. A third scene
        comes in over the one that shows most.
        """
        if scene == self.current:
            return False
        progress = self._progress(now)
        if self.outgoing == scene:
            self.current, self.outgoing = scene, self.current
            self.since, self.left_since = self.left_since, self.since
            self._fade_from, self._fade_s = now - (1.0 - progress) * fade_s, fade_s
            self._backwards = not self._backwards
            return True
        if self.outgoing is None or progress >= 0.5:
            self.outgoing, self.left_since = self.current, self.since
        self.current, self.since = scene, now
        self._fade_from, self._fade_s = now, fade_s
        self._through, self._backwards = through, False
        return True

    def fire(self, number: str) -> Cue:
        """Stand on a cue and give it."""
        self.cue, self.stands_by = number, None
        return self._cues[number]

    def next(self) -> Cue | None:
        """Stand on the cue that stands by, else the one after the last fired, and give it; None behind the last."""
        if self.stands_by is not None:
            return self.fire(self.stands_by)
        at = self._order.index(self.cue) + 1 if self.cue in self._order else 0
        return self.fire(self._order[at]) if at < len(self._order) else None

    def weights(self, now: float) -> list[tuple[str, float]]:
        """The scenes to be seen with their shares, outgoing first; the shares add to 1."""
        progress = self._progress(now)
        if self.outgoing is None or progress >= 1.0:
            self.outgoing = None
            return [(self.current, 1.0)]
        share = progress * progress * (3.0 - 2.0 * progress)
        return [(self.outgoing, 1.0 - share), (self.current, share)]

    def change(self, now: float) -> Change | None:
        """How far a change through a transition is; None without one."""
        progress = self._progress(now)
        if self._through is None or self.outgoing is None or progress >= 1.0:
            return None
        return Change(self._through, 1.0 - progress if self._backwards else progress, self._backwards)

    def succeed(self, last: Playback, now: float) -> None:
        """Go on where the former show's playback stood.

        A scene that is gone cannot be drawn any more: the first one stands in for the current scene,
        and a fade out of it ends at once.
        """
        self.cue = last.cue if last.cue in self._cues else None
        self.stands_by = last.stands_by if last.stands_by in self._cues else None
        if last.current not in self._scenes:
            self.since = now
            return
        self.current, self.since = last.current, last.since
        if last.outgoing in self._scenes:
            self.outgoing, self.left_since = last.outgoing, last.left_since
            self._fade_from, self._fade_s = last._fade_from, last._fade_s
            self._through, self._backwards = last._through, last._backwards

    def _progress(self, now: float) -> float:
        if self._fade_s <= 0.0:
            return 1.0
        return min(1.0, max(0.0, (now - self._fade_from) / self._fade_s))
