"""A context that also finds where a shader's own colour is no number, before the host's guard makes it 0.

For sweeps, not for shows: what is probed is compiled and drawn twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from visuals.render.gpu import Cube, Gpu, Pipeline, Target, Texture, Uniform
from visuals.render.isf.prelude import PROBE


class Probe(Gpu):
    """While `looking`, every draw of a shader is looked through; `odd` once one gave NaN or infinity."""

    def __init__(self) -> None:
        super().__init__()
        self.looking = self.odd = False
        self._twins: dict[Pipeline, Pipeline] = {}

    def pipeline(self, fragment: str, vertex: str | None = None) -> Pipeline:
        made = super().pipeline(fragment, vertex)
        if PROBE in fragment and made not in self._twins:
            self._twins[made] = super().pipeline(fragment.replace("\n", f"\n#define {PROBE}\n", 1), vertex)
        return made

    def drop(self, pipeline: Pipeline) -> None:
        super().drop(pipeline)
        if pipeline.users == 0 and pipeline in self._twins:
            super().drop(self._twins.pop(pipeline))

    def draw(
        self,
        pipeline: Pipeline,
        target: Target,
        uniforms: Mapping[str, Uniform],
        textures: Mapping[str, Texture | Cube],
        blend: str = "replace",
    ) -> None:
        super().draw(pipeline, target, uniforms, textures, blend)
        if self.looking and pipeline in self._twins:
            found = self.target(target.size)
            super().draw(self._twins[pipeline], found, uniforms, textures)
            self.odd = self.odd or bool(found.read().any())
            found.release()
