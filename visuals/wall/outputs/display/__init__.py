"""The window process: every window of a player, in a process that may hang or fall alone.

Knows pictures in shared memory and monitors, nothing of walls' light or shows. The only door to glfw.
Linux and Windows; macOS draws its windows in the same way, but is untried.
"""
