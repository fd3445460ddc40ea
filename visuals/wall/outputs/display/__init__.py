"""The window process: every window of a player, in a process that may hang or fall alone.

Knows pictures in shared memory and monitors, nothing of walls' light or shows. The only door to glfw.
"""
