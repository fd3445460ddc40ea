"""`CARD.md`, written from the figures alone: what the model is, how it learnt, how good it is, where it falls short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.prism_training import flow

from . import rows, spaces
from .verdicts import OPEN, SHORT, Verdict, judging, verdicts

METRICS = {
    "kid": "KID ×1000",
    "frechet": "Fréchet",
    "precision": "precision",
    "recall": "recall",
    "density": "density",
    "coverage": "coverage",
    "nearest": "nearest",
}


def text(figures: Mapping[str, Any], speeds: Mapping[str, str] | None = None) -> str:
    """The card; `speeds` are lines to add, what was measured to what it came to."""
    lines = verdicts(figures)
    parts = [
        f"# {figures['model']}",
        _what(figures),
        "![Samples 0 to 63, never chosen](samples.png)",
        "![Each style along a walk, a second from still to still](walk.png)",
        "## Falls short\n\n" + _failures(figures, lines),
        "## What was asked, what was found\n\n" + _verdicts(lines),
        "## Recipe\n\n" + _recipe(figures),
        "## Beside the truth, and beside things known to be bad\n\n" + _rows(figures),
        "## By style\n\n" + _styles(figures),
        "## Faders\n\n" + _faders(figures),
        "## Size and speed\n\n" + _sizes(figures, speeds or {}),
        "## Measured by\n\n" + _protocol(figures),
    ]
    return "\n\n".join(parts) + "\n"


def _what(figures: Mapping[str, Any]) -> str:
    width, height = figures["picture"]
    styles = figures["styles"]
    unet, vae = (figures["parts"][part]["millions"] for part in ("unet", "vae"))
    return f"""The project's own model: one step from noise to picture, {width} x {height} or any multiple of 32 pixels.

`UNet2DConditionModel` ({unet:.1f} million weights; no text, no cross-attention) and `AutoencoderTiny` ({vae:.2f}
million), in diffusers' layout, half precision, safetensors. {len(styles)} styles: {", ".join(styles)}. The
network is told the styles' weights, density, scale, symmetry and energy; its noise is a slow field, where things
are, and a fine grain, what their details are. It draws a sketch (light, share of the second colour, spark); hue,
second hue, saturation, brightness and contrast are the palette, the shaders' own arithmetic.

**Licence of the data.** It learnt from pictures drawn by this project's shaders (`shaders/generators`, CC0) and
from nothing else: no downloaded picture, no weights of another model."""


def _failures(figures: Mapping[str, Any], lines: Sequence[Verdict]) -> str:
    """In plain words, the worst first; that there are none is said too."""
    said = [
        f"- {line.what}: {_number(line.figure)}, asked was {_asked(line, line.must)}. {line.note}."
        for line in lines
        if line.word == SHORT
    ]
    said += [f"- {line.what}: not judged, no metric ordered its controls." for line in lines if line.word == OPEN]
    for name, found in figures["faders"].items():
        followed = {style: model for style, (_, model) in found["by_style"].items() if style not in found["blind"]}
        weak = [f"{style} {value:.2f}" for style, value in followed.items() if value < 0.8]
        if weak:
            said.append(f"- The fader {name} is followed badly in: {', '.join(weak)}.")
    lost = [
        f"{style} {100 * model:.0f} %"
        for style, (real, model) in figures["style"]["by_style"].items()
        if model < 0.8 * real
    ]
    if lost:
        said.append(f"- Styles often taken for others: {', '.join(lost)} recognised.")
    said.append(
        "- It knows these shaders' pictures and no others; styles mixed are what it makes of them, never shown to it."
    )
    return "\n".join(said)


def _verdicts(lines: Sequence[Verdict]) -> str:
    table = [
        (
            line.what,
            _asked(line, line.must),
            _asked(line, line.aim),
            _number(line.figure),
            f"**{line.word}**",
            line.note,
        )
        for line in lines
    ]
    return _table(("", "must", "aim", "found", "", "more"), table)


def _recipe(figures: Mapping[str, Any]) -> str:
    """The stages as their logs have them."""
    stages = [
        (
            stage["stage"],
            f"{stage['steps']:,}" if "steps" in stage else "",
            f"{stage['minutes']:.0f}" if "minutes" in stage else "",
            f"{stage['samples']:,}",
        )
        for stage in figures["training"]
    ]
    finished = any(stage["stage"] == "finish" for stage in figures["training"])
    led = f", led to their styles (guidance {flow.GUIDANCE:g} above t = {flow.GUIDED_ABOVE:g})"
    words = f"""Autoencoder on the sketches; a teacher by rectified flow on its latents; the teacher's ways in
{flow.STEPS} steps{led if flow.GUIDANCE != 1.0 else ""}, kept; a student that sees the end of each way from any point
of it{"; a light adversarial finish" if finished else ""}.
Repeated by `tools/render_dataset`, then the stages of `tools/train_prism`; splits are by seed and by cell of
attribute space."""
    return words + "\n\n" + _table(("stage", "steps", "minutes", "samples seen or made"), stages)


def _rows(figures: Mapping[str, Any]) -> str:
    """A table for each feature space; metrics that may not judge are named, not shown."""
    parts = [
        f"""{figures["count"]} pictures a row, of the same samples of the test split (the copies apart), each row
against other draws of that split. KID is unbiased, with the 95 % interval of a bootstrap; *nearest* is the median
distance to {figures["bank"]} training pictures over the test renders' own: near 0 are copies. Lower is better for
KID and Fréchet, higher for the others. Copies please every metric but *nearest*."""
    ]
    for space, table in figures["rows"].items():
        shown = [metric for metric in METRICS if space in judging(figures, metric)]
        body = [(rows.ABOUT[name], *(_figure(row, metric) for metric in shown)) for name, row in table.items()]
        parts.append(f"**{space}**, {spaces.ABOUT[space]}")
        parts.append(
            _table(("row", *(METRICS[metric] for metric in shown)), body) if shown else "No metric judges here."
        )
        parts += [
            f"{METRICS[metric]}: did not order its controls ({why}): not used."
            for metric, why in figures["unfit"][space].items()
        ]
    return "\n\n".join(parts)


def _figure(row: Mapping[str, Any], metric: str) -> str:
    if metric == "kid":
        low, high = row["kid_interval"]
        return f"{1000 * row['kid']:.1f} ({1000 * low:.1f} to {1000 * high:.1f})"
    return f"{row[metric]:.2f}"


def _styles(figures: Mapping[str, Any]) -> str:
    body = []
    for style in figures["styles"]:
        real, model = figures["style"]["by_style"][style]
        steps = max(styles[style] for styles in figures["walk"].values())
        body.append(
            (
                style,
                f"{figures['psnr']['by_style'][style]:.1f}",
                f"{100 * real:.0f} %",
                f"{100 * model:.0f} %",
                f"{steps:.1f}",
            )
        )
    head = (
        "style",
        "autoencoder, dB",
        "recognised in renders",
        "recognised in the model's",
        "walk: largest ÷ median step",
    )
    return _table(head, body)


def _faders(figures: Mapping[str, Any]) -> str:
    words = """Each attribute swept from end to end in every style, over several seeds, and measured in the pixels: rank
correlation with what was asked. The shaders' own sweeps, measured by the same meter, stand beside; a style on which
the meter fails with them (under 0.8) says nothing of the model and is left out of the means. *All mixed*: over the
test samples, every attribute and style at random."""
    body = [
        (
            name,
            f"{found['real']:.2f}",
            f"{found['model']:.2f}",
            f"{found['worst'][0]} {found['worst'][1]:.2f}",
            f"{found['pooled_real']:.2f}",
            f"{found['pooled_model']:.2f}",
            ", ".join(found["blind"]),
        )
        for name, found in figures["faders"].items()
    ]
    head = ("fader", "renders", "model", "worst style", "all mixed: renders", "all mixed: model", "meter fails in")
    return words + "\n\n" + _table(head, body)


def _sizes(figures: Mapping[str, Any], speeds: Mapping[str, str]) -> str:
    body = [(part, f"{found['megabytes']:.1f} MB") for part, found in figures["parts"].items()]
    return _table(("", ""), [*body, *speeds.items()])


def _protocol(figures: Mapping[str, Any]) -> str:
    return f"""`tools/eval_prism` at commit `{figures["commit"]}`, weights `{figures["digest"]}`.
Walks are {figures["walk_seconds"]:.0f} s long at {figures["walk_speed"]} rad/s, thirty pictures a second, as a
wall sees them. The networks that judge (E1, E2) learnt from {figures["bank"]} training renders and are kept out of
every training; E3 was never trained. The distances cannot be compared with those of papers, whose features are
Inception's."""


def _asked(line: Verdict, limit: float) -> str:
    return f"{'≤' if line.most else '≥'} {limit:g}"


def _number(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 10.0 else f"{value:.2f}"


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
