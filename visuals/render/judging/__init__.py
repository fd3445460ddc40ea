"""Shaders tried where they can do no harm: which of them a show may have, and what becomes of a library of them."""
