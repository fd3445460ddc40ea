"""shaders/README.md, from the headers alone: the same files give the same text. It draws nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from visuals.render.isf import Input, Isf, Kind, load

SHADERS = Path(__file__).resolve().parents[2] / "shaders"
PAGE = SHADERS / "README.md"
FOLDERS: dict[Kind, str] = {"generator": "generators", "filter": "filters", "transition": "transitions"}

ABOUT = """\
# Shaders

{count} shaders, in the [Interactive Shader Format](https://github.com/mrRay/ISF_Spec) 2, so other hosts of that format
play them as well. `tools/gallery` writes this page and its pictures from the files. CC0.

## In a show

```yaml
layers:                                   # bottom first
  - {{name: sun, shader: generators/eclipse, inputs: {{hue: 0.6, hue2: 0.75}}}}
  - {{name: split, shader: filters/chroma}}   # a filter changes all that lies below it
rules:
  - {{drive: sun.level, from: energy, range: [0.3, 1], smooth: 200ms}}
  - {{when: kick, pulse: split.amount, amount: 0.6, decay: 1/4 beat}}
  - {{when: drop, go: finale, fade: 1 bar, through: transitions/melt}}
```

Every input is a control, named after its layer: `sun.level`, of points and colours each number (`sun.centre.x`,
`tint.r`). The labels below say what an input likes to follow. A layer without opacity is not drawn and costs nothing.
In a layer's own `filters` a filter sees that layer alone. A transition is no layer: it stands between two scenes.

## Writing one

Put `name.fs` into the show's own `shaders/generators`, `filters` or `transitions`; a name there goes before one here.
The file begins with a JSON comment, the header. Of what the show knows, an input gets by its type:

| type | gets |
|---|---|
| `float` `long` `bool` `color` `point2D` | what rules drive, within MIN and MAX; DEFAULT otherwise |
| `event` | true for one frame, when what drives it rises above a half |
| `audio` | the waveform, 512 samples about 0.5, newest last |
| `audioFFT` | the spectrum, 256 magnitudes 0 to 1 from 0 to 24 kHz, equal steps in Hz |
| `image` named `inputImage` | what lies below: the shader is a filter |
| `image` `startImage` and `endImage`, `float` `progress` | two scenes and the way between them: it is a transition |

What keeps a shader fit for a stage:

1. Time is `TIME` and `TIMEDELTA`. What is kept from frame to frame fades by `exp(-TIMEDELTA / tau)`, never by the
   frame.
2. Black stays black, and no default makes the whole wall flash. A transition at 0 is exactly the first picture, at 1
   exactly the second.
3. `pow`, `sqrt`, `normalize` and divisions are guarded: what is not a number never reaches a persistent target.
4. At 512x256 a generator takes at most 8 ms on two cores without a GPU, a filter or transition 4 ms. What is soft is
   drawn small, in a pass of its own; `PASSINDEX` is a constant, so passes do not pay for each other.
5. `DESCRIPTION`, `CREDIT`, `CATEGORIES`, a `LABEL` for each input that says what it does and what it likes to follow.

`visuals isf check FOLDER` tries them, `tools/golden NAME` draws the picture that the tests compare with, `tools/gallery
NAME` the one on this page.

## Bringing others

- **Shadertoy**: `name.glsl` with `mainImage`; or a folder `name/` with `Image.glsl`, and `Common.glsl`, `Buffer A.glsl`
  to `Buffer D.glsl` beside it; or the site's JSON. A tab says `#iChannel0 "buffer a"`, `"self"`, `"sound"` or a
  picture's file, as editors write it; unsaid, a channel is the buffer of its number, else the live sound (512x2:
  spectrum, waveform). `mouse.x`, `mouse.y` and `pressed` are controls.
- **gl-transitions**: `vec4 transition(vec2)`. `uniform float size; // = 2.0` is an input that rests at 2, from 0 to 4.
- **Plain fragments**: `main` with `u_time`, `u_resolution`, `u_mouse`; uniforms of its own are inputs in the same way,
  and `u_tex0` makes it a filter.
- **ISF 1**, gl-transitions converted to ISF, and uniforms as Synesthesia names them (`syn_BassLevel`) are known too.

`alpha: ignore` in a layer is for those that leave nonsense in alpha; `images: {{name: file.png}}` binds a picture to an
image input.
"""


def read() -> list[Isf]:
    """Every shader that ships, by kind and name."""
    return [load(path) for folder in FOLDERS.values() for path in sorted((SHADERS / folder).glob("*.fs"))]


def thumbnail(isf: Isf) -> Path:
    return SHADERS / "gallery" / FOLDERS[isf.kind] / f"{isf.path.stem}.webp"


def text(shaders: list[Isf]) -> str:
    parts = [ABOUT.format(count=len(shaders))]
    for kind, folder in FOLDERS.items():
        parts.append("\n".join(_table(folder, [isf for isf in shaders if isf.kind == kind])))
    return "\n".join(parts)


def _table(folder: str, shaders: list[Isf]) -> Iterator[str]:
    yield f"## {folder.capitalize()}\n"
    yield "| | | inputs: range (default) |"
    yield "|---|---|---|"
    for isf in shaders:
        picture = thumbnail(isf).relative_to(SHADERS).as_posix()
        about = f"**{isf.path.stem}**<br>{_cell(isf.description)}"
        yield f"| ![{isf.path.stem}]({picture}) | {about} | {'<br>'.join(filter(None, map(_input, isf.inputs)))} |"
    yield ""


def _input(item: Input) -> str:
    """`level` 0 to 1 (0.75): what its label says; nothing of pictures and of a transition's progress."""
    if item.type == "image" or item.name == "progress":
        return ""
    label = "" if item.label.lower() in (item.name, "second hue") else f": {_cell(item.label)}"
    return f"`{item.name}` {_range(item)}{label}"


def _range(item: Input) -> str:
    if not item.default:
        return item.type
    default = _numbers(item.default)
    if item.type in ("bool", "event"):
        return f"{item.type} ({'on' if item.default[0] else 'off'})"
    if item.values:
        names = item.labels or tuple(map(str, item.values))
        return f"{', '.join(names)} ({dict(zip(item.values, names, strict=True)).get(int(item.default[0]), default)})"
    if item.type == "color" or item.low is None or item.high is None:
        return f"{item.type} ({default})"
    return f"{_numbers(item.low)} to {_numbers(item.high)} ({default})"


def _numbers(numbers: tuple[float, ...]) -> str:
    """A number, or those of a point in brackets."""
    told = ", ".join(f"{number:g}" for number in numbers)
    return f"[{told}]" if len(numbers) > 1 else told


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")
