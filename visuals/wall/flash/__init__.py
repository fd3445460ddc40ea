"""Photosensitive limits: sees what flashes too much on the walls, and keeps it from leaving.

Knows rasters and light, not shows or processes. It follows published guidelines; it is no medical guarantee.
"""
