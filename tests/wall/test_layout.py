from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visuals.errors import RigError
from visuals.types import Pixels, Rig, Wall
from visuals.wall.layout import Mapper, fit_problems, load_rig

RIGS = Path(__file__).parents[2] / "shows" / "rigs"
CANVAS = (64, 32)


def wall(rect: tuple[int, int, int, int], size: tuple[int, int], gamma: float = 1.0, brightness: float = 1.0) -> Wall:
    return Wall("main", rect, size, ("null", {}), gamma, brightness)


def canvas(seed: int = 1) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (CANVAS[1], CANVAS[0], 4), dtype=np.uint8)


def area(pixels: Pixels, size: tuple[int, int]) -> np.ndarray:
    """The exact mean of what each target pixel covers, by repeating pixels to a common grid."""
    height, width = pixels.shape[:2]
    fine = pixels.repeat(size[1], 0).repeat(size[0], 1).astype(float)
    return fine.reshape(size[1], height, size[0], width, 4).mean((1, 3))


@pytest.mark.parametrize("size", [(64, 32), (16, 8), (32, 4), (17, 10), (7, 3), (1, 1), (128, 64), (100, 33)])
def test_a_wall_is_the_area_mean_of_its_rectangle(size: tuple[int, int]) -> None:
    pixels = canvas()
    mapped = Mapper(wall((0, 0, *CANVAS), size), CANVAS).map(pixels)
    assert mapped.shape == (size[1], size[0], 4)
    assert np.abs(mapped[..., :3] - area(pixels, size)[..., :3]).max() <= 0.51


def test_a_wall_is_cut_from_its_place() -> None:
    pixels = canvas()
    mapped = Mapper(wall((5, 7, 20, 11), (20, 11)), CANVAS).map(pixels)
    np.testing.assert_array_equal(mapped[..., :3], pixels[7:18, 5:25, :3])
    assert (mapped[..., 3] == 255).all()


def test_the_whole_canvas_untouched_is_passed_on_without_a_copy() -> None:
    pixels = canvas()
    assert Mapper(wall((0, 0, *CANVAS), CANVAS), CANVAS).map(pixels) is pixels


def test_gamma_and_brightness_are_the_drive_of_a_led() -> None:
    pixels = canvas()
    mapped = Mapper(wall((0, 0, *CANVAS), CANVAS, gamma=2.2, brightness=0.7), CANVAS).map(pixels)
    expected = 255.0 * 0.7 * (pixels[..., :3] / 255.0) ** 2.2
    assert np.abs(mapped[..., :3] - expected).max() <= 0.5


def test_black_stays_black_and_white_white() -> None:
    mapper = Mapper(wall((0, 0, *CANVAS), (17, 10), gamma=2.2), CANVAS)
    assert not mapper.map(np.zeros((32, 64, 4), np.uint8))[..., :3].any()
    assert (mapper.map(np.full((32, 64, 4), 255, np.uint8)) == 255).all()


def test_a_wall_outside_the_canvas_is_refused() -> None:
    outside = wall((32, 0, 64, 32), (64, 32))
    with pytest.raises(RigError, match="reaches to 96 x 32, expected at most 64 x 32"):
        Mapper(outside, CANVAS)
    assert len(fit_problems(Rig("r", (outside, wall((0, 0, 64, 32), (64, 32)))), CANVAS)) == 1


@pytest.mark.parametrize("path", sorted(RIGS.glob("*.yaml")), ids=lambda p: p.stem)
def test_the_rigs_that_come_along_fit_the_demo_canvas(path: Path) -> None:
    rig = load_rig(path)
    assert rig.walls
    assert fit_problems(rig, (512, 256)) == []


def test_a_rig_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(
        "rig: Club\nwalls:\n"
        "  - {name: main, canvas: [0, 0, 512, 256], output: {window: {monitor: DP-2}}}\n"
        "  - {name: top, canvas: [0, 0, 512, 64], size: [17, 10], gamma: 2.2, brightness: 0.5,\n"
        "     output: {sacn: {host: 10.0.0.20, universe: 3}}}\n"
        "  - {name: none, canvas: [0, 0, 8, 8], output: {null: }}\n"
    )
    main, top, none = load_rig(path).walls
    assert main.size == (512, 256)
    assert main.output[0] == "window"
    assert main.output[1]["monitor"] == "DP-2"
    assert (top.size, top.gamma, top.brightness) == ((17, 10), 2.2, 0.5)
    assert {k: top.output[1][k] for k in ("host", "port", "universe", "priority")} == {
        "host": "10.0.0.20",
        "port": 5568,
        "universe": 3,
        "priority": 100,
    }
    assert none.output == ("null", {})


def test_a_rig_knows_its_room_and_its_delays(tmp_path: Path) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(
        "rig: Club\nsound: {gain: 12, noise: -62.5}\nwalls:\n"
        "  - {name: a, canvas: [0, 0, 8, 8], latency: 40ms, output: {'null': {}}}\n"
        "  - {name: b, canvas: [0, 0, 8, 8], latency: 0.085 s, output: {'null': {}}}\n"
        "  - {name: c, canvas: [0, 0, 8, 8], output: {'null': {}}}\n"
    )
    rig = load_rig(path)
    assert (rig.gain_db, rig.noise_db) == (12.0, -62.5)
    assert [wall.latency for wall in rig.walls] == pytest.approx([0.04, 0.085, 0.0])
    assert rig.lead == pytest.approx(0.085)
    assert Rig("none").lead == 0.0


def broken(*lines: str) -> str:
    return "rig: r\nwalls:\n  - name: a\n    canvas: [0, 0, 10, 5]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (broken("    output: {windw: {}}"), ":5:14:", "nearest is `window`"),
        (broken("    output: {}"), ":5:13:", "found nothing, expected one of null, window, sacn, record"),
        (broken("    output: {'null': {}, window: {}}"), ":5:13:", "found null and window, expected one of"),
        (broken("    gama: 2", "    output: {window: {}}"), ":5:5:", "nearest is `gamma`"),
        (broken("    brightness: 70", "    output: {window: {}}"), ":5:17:", "found `70`, expected 1"),
        (broken("    latency: 40", "    output: {window: {}}"), ":5:14:", "found `40`, expected a time such as 40ms"),
        (broken("    latency: 1100ms", "    output: {window: {}}"), ":5:14:", "at most 1s"),
        ("rig: r\nsound: {gain: 60, nois: 1}\nwalls: []\n", ":2:15:", "found `60`, expected 46"),
        ("rig: r\nsound: {gain: 6, nois: 1}\nwalls: []\n", ":2:18:", "nearest is `noise`"),
        (broken("    output: {sacn: {priority: 300}}"), ":5:31:", "found `300`, expected 200 or less"),
        (broken("    output: {sacn: {universe: 64000}}"), ":5:31:", "expected 63999 or less"),
        (broken("    size: [200, 200]", "    output: {sacn: {universe: 63990}}"), ":6:20:", "found 236 universes"),
        (broken("    output: {window: {scale: fill}}"), ":5:30:", "expected one of fit, stretch, pixel"),
        ("rig: r\nwalls:\n  - {name: a, canvas: [0, 0, 10], output: {window: {}}}\n", ":3:23:", "item 4 is missing"),
        ("rig: r\nwalls: []\n", ":2:8:", "found no wall"),
        (
            broken("    output: {window: {}}", "  - {name: a, canvas: [0, 0, 1, 1], output: {window: {}}}"),
            ":6:12:",
            "found a second wall `a`",
        ),
    ],
)
def test_a_broken_rig_names_the_place(tmp_path: Path, text: str, place: str, said: str) -> None:
    path = tmp_path / "rig.yaml"
    path.write_text(text)
    with pytest.raises(RigError) as caught:
        load_rig(path)
    assert place in str(caught.value)
    assert said in str(caught.value)


def test_a_rig_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RigError, match="no such file"):
        load_rig(tmp_path / "none.yaml")
