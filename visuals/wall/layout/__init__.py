"""The walls of a venue: reads a rig file. Knows rectangles and light, not what the picture is nor where it goes.

schema      what a rig file may say
grid        cabinets, from the shorthand or one by one
fit         what is proven of them
load        a file to a `Rig`
"""

from visuals.wall.layout.fit import fit_problems
from visuals.wall.layout.load import load_rig
from visuals.wall.layout.schema import schema_json
from visuals.wall.place import misfit

__all__ = ["fit_problems", "load_rig", "misfit", "schema_json"]
