from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visuals.types import Pixels
from visuals.wall.outputs.settings import (
    ArtnetSettings,
    DdpSettings,
    PixelSettings,
    SacnSettings,
    UniverseSettings,
    universes,
)
from visuals.wall.outputs.wiring import Wiring

ORDERS = PixelSettings.model_json_schema()["properties"]["order"]["enum"]


def led(pixel: Any, order: str) -> list[int]:
    r, g, b = (int(v) for v in pixel[:3])
    w = min(r, g, b) if "W" in order else 0
    values = {"R": r - w, "G": g - w, "B": b - w, "W": w}
    return [values[colour] for colour in order]


def in_order(pixels: Pixels, settings: PixelSettings) -> list[list[int]]:
    """The LEDs one by one, as an installer would follow the wire."""
    height, width = pixels.shape[:2]
    rows = list(range(height)) if settings.start.startswith("top") else list(range(height - 1, -1, -1))
    columns = list(range(width)) if settings.start.endswith("left") else list(range(width - 1, -1, -1))
    found = []
    outer, inner = (rows, columns) if settings.along == "rows" else (columns, rows)
    for n, o in enumerate(outer):
        for i in inner[::-1] if settings.zigzag and n % 2 else inner:
            y, x = (o, i) if settings.along == "rows" else (i, o)
            found.append(led(pixels[y, x], settings.order))
    return found


def in_universes(leds: list[list[int]], settings: UniverseSettings) -> list[list[int]]:
    """Universe after universe filled by hand."""
    found: list[list[int]] = [[0] * (settings.channel - 1)]
    for values in leds:
        if settings.split:
            for value in values:
                if len(found[-1]) == 512:
                    found.append([])
                found[-1].append(value)
        else:
            if len(found[-1]) + len(values) > 512:
                found.append([])
            found[-1] += values
    return [universe + [0] * (512 - len(universe)) for universe in found]


wires = st.fixed_dictionaries(
    {
        "order": st.sampled_from(ORDERS),
        "start": st.sampled_from(["top left", "top right", "bottom left", "bottom right"]),
        "along": st.sampled_from(["rows", "columns"]),
        "zigzag": st.booleans(),
    }
)


@given(
    wires, st.integers(1, 40), st.integers(1, 30), st.one_of(st.just(1), st.integers(1, 509)), st.booleans(), st.data()
)
def test_every_pixel_lies_where_the_wire_leads(
    wire: dict[str, Any], width: int, height: int, channel: int, split: bool, data: st.DataObject
) -> None:
    settings = SacnSettings(**wire, channel=channel, split=split)
    seed = data.draw(st.integers(0, 1000))
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    wiring = Wiring((width, height), settings, 512)
    wiring.take(pixels)
    wanted = in_universes(in_order(pixels, settings), settings)
    assert universes((width, height), settings) == len(wanted)
    assert wiring.slots.reshape(-1, 512).tolist() == wanted


@given(wires, st.integers(1, 60), st.integers(1, 30))
def test_without_universes_the_bytes_run_on(wire: dict[str, Any], width: int, height: int) -> None:
    settings = DdpSettings(host="x", **wire)
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 4), dtype=np.uint8)
    wiring = Wiring((width, height), settings, 1440)
    wiring.take(pixels)
    wanted = [value for values in in_order(pixels, settings) for value in values]
    assert len(wiring.slots) % 1440 == 0
    assert wiring.slots.tolist() == wanted + [0] * (len(wiring.slots) - len(wanted))


def test_white_takes_what_the_three_have_in_common() -> None:
    pixels = np.array([[[255, 255, 255, 0], [200, 100, 50, 9], [0, 80, 90, 255]]], np.uint8)
    wiring = Wiring((3, 1), DdpSettings(host="x", order="RGBW"), 12)
    wiring.take(pixels)
    assert wiring.slots.reshape(3, 4).tolist() == [[0, 0, 0, 255], [150, 50, 0, 50], [0, 80, 90, 0]]


def test_the_same_picture_is_known() -> None:
    pixels = np.full((2, 2, 4), 7, np.uint8)
    wiring = Wiring((2, 2), SacnSettings(), 512)
    assert wiring.take(pixels)
    assert not wiring.take(pixels)
    pixels[..., 3] = 200  # nobody sees alpha
    assert not wiring.take(pixels)
    pixels[1, 1, 2] = 8
    assert wiring.take(pixels)
    assert not wiring.take(pixels)


@pytest.mark.parametrize(
    ("settings", "size", "said"),
    [
        (SacnSettings(universe=63_990), (170, 10), ""),
        (SacnSettings(universe=63_990), (171, 10), "found 11 universes from 63990, expected the last at 63999"),
        (SacnSettings(channel=511), (1, 1), "found channel 511, where no pixel of RGB fits, expected less"),
        (SacnSettings(channel=511, split=True), (1, 1), ""),
        (SacnSettings(order="RGBW", universe=63_999), (128, 1), ""),
        (SacnSettings(order="RGBW", universe=63_999), (129, 1), "found 2 universes"),
        (ArtnetSettings(host="x", net=127, subnet=15, universe=15), (170, 1), ""),
        (ArtnetSettings(host="x", net=127, subnet=15, universe=15), (171, 1), "from 32767, expected the last at 32767"),
        (DdpSettings(host="x"), (4096, 4096), ""),
    ],
)
def test_a_wall_that_does_not_fit_is_said(settings: PixelSettings, size: tuple[int, int], said: str) -> None:
    found = settings.misfit(size)
    assert said in found
    assert bool(said) == bool(found)
