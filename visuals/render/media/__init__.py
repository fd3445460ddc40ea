"""Media as pixels: pictures, video, cameras and text, ready before the frame asks.

`image` and `text` make one picture, `video` and `camera` moving ones, as `footage` names them. It knows
numpy and files; it does not know textures, layers or shows.
"""
