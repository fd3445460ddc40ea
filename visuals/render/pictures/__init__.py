"""What a layer shows: shaders, dreams, pictures from files, video, what was there before, groups.

All are drawn by one verb onto a target. They do not know what lies beside them or where controls come from.
"""
