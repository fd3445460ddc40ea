"""A rig as a picture to hand out: walls where they stand, cabinets, cables, and a table of all that matters.

ink       pens, colours, letters
facts     what stands in the tables
walls     one wall
page      the whole
"""

from visuals.wall.drawing.page import draw_rig

__all__ = ["draw_rig"]
