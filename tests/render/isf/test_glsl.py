from __future__ import annotations

from pathlib import Path

import pytest

from visuals.render.isf import glsl


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("0:12(3): error: `foo' undeclared", (12, "`foo' undeclared")),
        ("0(7) : error C1503: undefined variable", (7, "C1503: undefined variable")),
        ("ERROR: 0:9: Use of undeclared identifier", (9, "Use of undeclared identifier")),
    ],
)
def test_drivers_complaints(log: str, expected: tuple[int, str]) -> None:
    assert list(
        glsl.complaints(
            f"GLSL Compiler failed\n===\n0:3(1): warning: unused\n{log}\n0:9(1): error:    float f(float)\n"
        )
    ) == [expected]


def test_versions_go_and_extensions_come_first() -> None:
    body = glsl.Source(Path("a.fs"), "#version 120\n#extension GL_ARB_gpu_shader5 : enable\nvoid main() {}", 4)
    text = glsl.fragment(body, glsl.Declared(()), 2, glsl.WAYS[0])
    assert text.startswith("#version 330\n#extension GL_ARB_gpu_shader5 : enable\n")
    assert text.count("#version") == 1
    assert "const int PASSINDEX = 2;" in text
    assert "#line 4\n\n\nvoid main() {}" in text
