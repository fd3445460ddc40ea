"""Shadertoy (shadertoy.com) as ISF: one tab, a folder of tabs, or the JSON its API gives.

`mainImage` for `main`, buffers A to D as persistent float targets, the Common tab before each of the
others. A channel is what `#iChannel0 "buffer a"` in its tab says, as the Shader Toy extension of VS Code
has it, or the JSON; else the buffer of its number where there is one, else the live sound.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visuals.errors import Problem, ShaderError
from visuals.render.isf import uniforms
from visuals.render.isf.glsl import ALWAYS, FILE_LINES, Source
from visuals.render.isf.nouns import Import, Input, Isf, Pass
from visuals.render.isf.reading import leads_out, read_text

HAS = re.compile(r"\bvoid\s+mainImage\s*\(")
CHANNEL = re.compile(r'^[ \t]*#[ \t]*iChannel([0-3])[ \t]+"([^"\n]*)"[^\n]*', re.MULTILINE)
SETTING = re.compile(r"^[ \t]*#[ \t]*iChannel[0-3]::[^\n]*", re.MULTILINE)
IMAGE, COMMON = "image", "common"
BUFFERS = ("buffer a", "buffer b", "buffer c", "buffer d")
SUFFIX = ".glsl"
SOUND, PICTURE, VIDEO = "iSound", "inputImage", ("webcam", "video", "camera")
SOUNDS = ("sound", "audio", "mic", "music", "musicstream", "microphone")
INPUTS = {
    SOUND: Input(SOUND, "sound", "live sound: spectrum below, waveform above"),
    PICTURE: Input(PICTURE, "image", "picture"),
}
MOUSE = (
    Input("mouse", "point2D", "pointer, 0 to 1", (0.0, 0.0), (0.0, 0.0), (1.0, 1.0)),
    Input("pressed", "bool", "pointer held down", (0.0,), (0.0,), (1.0,)),
)
SIZES = ", ".join(f"vec3(textureSize(iChannel{n}, 0), 1.0)" for n in range(4))
HOST = (
    "float iTime = TIME;",
    "float iGlobalTime = TIME;",
    "float iTimeDelta = TIMEDELTA;",
    "int iFrame = FRAMEINDEX;",
    "vec3 iResolution = vec3(RENDERSIZE, 1.0);",
    "float iFrameRate = 1.0 / max(TIMEDELTA, 0.001);",
    "vec4 iDate = DATE - vec4(0.0, 1.0, 0.0, 0.0);",
    "float iSampleRate = 48000.0;",
    "vec4 iMouse = vec4(mouse * RENDERSIZE, (pressed ? 1.0 : -1.0) * mouse * RENDERSIZE);",
    "float iChannelTime[4] = float[4](TIME, TIME, TIME, TIME);",
    f"vec3 iChannelResolution[4] = vec3[4]({SIZES});",
)
TAKEN = re.compile(rf"\b(?:float|int|vec[234])\s+({'|'.join(ALWAYS)})\b")
"""Names of ISF's that a shader of the site may have for its own."""
# The site shows its image opaque; what a buffer holds in alpha is data.
END = "void main() {{ vec4 shown = vec4(0, 0, 0, 1); mainImage(shown, gl_FragCoord.xy); gl_FragColor = {shown}; }}"
OPAQUE = "vec4(shown.rgb, 1.0)"


@dataclass(frozen=True, slots=True)
class Tab:
    """One pass's text, and what its channels are told to be."""

    path: Path
    text: str
    channels: Mapping[int, str]


def isf(path: Path, text: str, root: Path) -> Isf:
    """The shader of one tab; the other tabs of a folder that has an Image tab belong to it.

    Raises ShaderError for a picture outside `root`.
    """
    tabs = {IMAGE: _tab(path, text)}
    if path.stem.lower() == IMAGE:
        for name in (COMMON, *BUFFERS):
            other = next((p for p in sorted(path.parent.glob(f"*{SUFFIX}")) if _tab_name(p) == name), None)
            if other is not None:
                tabs[name] = _tab(other, read_text(other))
        return _isf(path, path.parent.name, "", tabs, root)
    return _isf(path, path.stem, "", tabs, root)


def export(path: Path, text: str) -> Isf:
    """The shader of a JSON as the site's API gives it. Raises ShaderError."""
    try:
        data = json.loads(text)
        shader = data.get("Shader", data)
        passes, info = shader["renderpass"], shader.get("info", {})
        tabs = {
            _pass_name(step): Tab(path, str(step["code"]), _channels(step.get("inputs", ()), passes)) for step in passes
        }
        tabs = {name: tab for name, tab in tabs.items() if name in (IMAGE, COMMON, *BUFFERS)}
        tabs[IMAGE]
        name, credit = str(info.get("name", path.stem)), str(info.get("username", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        problem = Problem(str(path), 1, 0, f"no shader as shadertoy.com gives it: {_fault(error)}")
        raise ShaderError(problems=[problem]) from error
    return _isf(path, name, credit, tabs, path.parent)


def _fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}"
    return f"no {error}" if isinstance(error, KeyError) else "not in its form"


def _isf(path: Path, name: str, credit: str, tabs: Mapping[str, Tab], root: Path) -> Isf:
    buffers = [name for name in BUFFERS if name in tabs]
    bound = {name: _bound(tab, buffers) for name, tab in tabs.items() if name != COMMON}
    used = {what for channels in bound.values() for what in channels.values()}
    steps = [Pass(_target(name), persistent=True, float=True, own=_source(tabs, name, bound[name])) for name in buffers]
    pictures = sorted({what for what in used if what.startswith("/")})
    imports = tuple(Import(_import_name(told), (path.parent / told.lstrip("/"),)) for told in pictures)
    _inside(path, imports, root)
    return Isf(
        path=path,
        kind="filter" if PICTURE in used else "generator",
        description=name,
        credit=credit,
        categories=(),
        inputs=(*(INPUTS[what] for what in INPUTS if what in used), *MOUSE),
        passes=(*steps, Pass()),
        imports=imports,
        body=_source(tabs, IMAGE, bound[IMAGE]),
    )


def _inside(path: Path, imports: Iterable[Import], root: Path) -> None:
    out = [item.paths[0] for item in imports if leads_out(item.paths[0], root)]
    if out:
        raise ShaderError(problems=[Problem(str(path), 0, 0, f"{picture} leads out of {root}") for picture in out])


def _source(tabs: Mapping[str, Tab], name: str, bound: Mapping[int, str]) -> Source:
    """A tab's GLSL with the host's names, its channels and the Common tab before it."""
    tab, common = tabs[name], tabs.get(COMMON)
    channels = (f"#define iChannel{n} {_import_name(x) if x.startswith('/') else x}" for n, x in bound.items())
    shared = (f"#line {FILE_LINES + 1}", _clean(common.text)) if common else ()
    end = END.format(shown=OPAQUE if name == IMAGE else "shown")
    others = (common.path,) if common else ()
    taken = {found[1] for text in (tab.text, *shared) for found in TAKEN.finditer(text)}
    own = (f"#define {word} isf_own_{word}" for word in sorted(taken))
    return Source(tab.path, _clean(tab.text), 1, (*channels, *HOST, *own, *shared), (end,), others)


def _bound(tab: Tab, buffers: list[str]) -> dict[int, str]:
    """What each of a tab's four channels is: a target, an input, or a picture's path after a `/`."""
    found = {}
    for n in range(4):
        told = tab.channels.get(n, "").removeprefix("file://").strip()
        word = Path(told).stem.lower() if told.lower().endswith(SUFFIX) else told.lower()
        if word in BUFFERS:
            found[n] = _target(word)
        elif word == "self":
            found[n] = _target(_tab_name(tab.path))
        elif word in VIDEO:
            found[n] = PICTURE
        elif word in SOUNDS or not told:
            found[n] = _target(buffers[n]) if not told and n < len(buffers) else SOUND
        else:
            found[n] = f"/{told}"
    return found


def _channels(inputs: Any, passes: Any) -> dict[int, str]:
    """What the JSON of a pass binds: a buffer by the number of what it gives, a picture, the sound."""
    makers = {str(out.get("id")): _pass_name(step) for step in passes for out in step.get("outputs", ())}
    found = {}
    for item in inputs:
        kind = str(item.get("ctype") or item.get("type", ""))
        maker = makers.get(str(item.get("id")), "")
        found[int(item["channel"])] = maker if kind == "buffer" and maker in BUFFERS else _kind(kind, item)
    return found


def _kind(kind: str, item: Mapping[str, Any]) -> str:
    if kind in SOUNDS or kind in VIDEO:
        return kind
    return Path(str(item.get("src") or item.get("filepath") or kind)).name or "sound"


def _pass_name(step: Mapping[str, Any]) -> str:
    kind, name = str(step.get("type", "")).lower(), str(step.get("name", "")).lower()
    if kind != "buffer":
        return kind
    letter = name.split()[-1][-1:] if name else ""
    return f"buffer {letter}"


def _tab(path: Path, text: str) -> Tab:
    return Tab(path, text, {int(n): told for n, told in CHANNEL.findall(text)})


def _tab_name(path: Path) -> str:
    """`Buffer A.glsl`, `buffer_a.glsl`, `BufferA.glsl` and `BufA.glsl` are all buffer a."""
    found = re.fullmatch(r"buf(?:fer)?[ _-]?([a-d])", path.stem.lower())
    return f"buffer {found[1]}" if found else path.stem.lower()


def _target(name: str) -> str:
    return "".join(word.capitalize() for word in name.split()).replace("B", "b", 1)


def _import_name(told: str) -> str:
    return "picture_" + re.sub(r"\W", "_", told)


def _clean(text: str) -> str:
    """Without lines that are for a host, and without uniforms that the host declares."""
    for line in (CHANNEL, SETTING):
        text = line.sub("", text)
    return uniforms.DECLARED.sub(lambda found: "" if re.match(r"i[A-Z]", found[2]) else found[0], text)
