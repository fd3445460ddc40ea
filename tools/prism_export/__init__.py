"""Prism for small boxes: the same step as ONNX, as OpenVINO's IR and in int8, each held against the original."""
