"""DMX from a desk over the network: the show as a fixture on it.

`e131` and `artnet` bytes to slots · `merge` of several sources one universe · `fixture` the channels as a table, and
what their values are to a show · `gdtf` and `grandma2` the same table as files for desks · `receiver` the doors.
"""
