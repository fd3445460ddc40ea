"""Interactive Shader Format: files read, made GLSL of, compiled and drawn.

`load` reads a file without a graphics processor, `program.Program` compiles and draws it. It does not
know layers, scenes or where values come from.
"""

from visuals.render.isf.dialects import load
from visuals.render.isf.nouns import Import, Input, Isf, Kind, Pass, terms

__all__ = ["Import", "Input", "Isf", "Kind", "Pass", "load", "terms"]
