from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from visuals.errors import ModelError
from visuals.generator import backends
from visuals.generator.card import Card, read_card

SIZE = (256, 128)


@pytest.fixture(scope="module")
def card(model: Path) -> Card:
    return read_card(model)


@pytest.fixture(scope="module")
def converted(card: Card) -> Path:
    assert backends.prepare(card, SIZE)
    return backends.cache_folder() / backends.graph_key(card, SIZE)


def test_openvino_and_torch_agree(card: Card, converted: Path) -> None:
    inputs = backends.example(card, SIZE)
    (clean, pixels), (exact, wanted) = (backends.open_step(card, SIZE, 1, b)(inputs) for b in ("openvino", "torch"))
    assert clean.shape == exact.shape == (1, 8, 16, 32)
    # bfloat16 keeps 8 bits, and 25 layers add up; that the graph itself is right, float32 proves below.
    assert np.linalg.norm(clean - exact) < 0.08 * np.linalg.norm(exact)
    assert pixels.shape == wanted.shape == (128, 256, 4)
    assert np.abs(pixels.astype(int) - wanted).mean() < 2.0


def test_results_belong_to_the_caller(card: Card, converted: Path) -> None:
    step = backends.open_step(card, SIZE)
    inputs = backends.example(card, SIZE)
    _, first = step(inputs)
    before = first.copy()
    step(inputs._replace(noisy=-inputs.noisy, noise=-inputs.noise))
    assert (first == before).all()


def test_threads_do_not_change_the_picture(card: Card, converted: Path) -> None:
    inputs = backends.example(card, SIZE)
    pictures = [backends.open_step(card, SIZE, threads)(inputs)[1] for threads in (1, 1, 2)]
    assert (pictures[0] == pictures[1]).all()
    assert np.abs(pictures[0].astype(int) - pictures[2]).max() <= 3


def test_float32_runs_where_there_is_no_bfloat16(card: Card, converted: Path) -> None:
    inputs = backends.example(card, SIZE)
    exact, wanted = backends.open_step(card, SIZE, 1, "torch")(inputs)
    clean, pixels = backends.OpenvinoStep(converted, 1, "f32")(inputs)
    assert np.linalg.norm(clean - exact) < 0.01 * np.linalg.norm(exact)
    assert np.abs(pixels.astype(int) - wanted).mean() < 0.2


@pytest.mark.parametrize("name", [backends.GRAPH, backends.WEIGHTS, backends.MANIFEST])
def test_a_damaged_graph_is_made_anew(card: Card, converted: Path, name: str) -> None:
    damaged = converted / name
    damaged.write_bytes(damaged.read_bytes()[:-10])
    assert backends.prepare(card, SIZE)
    backends.open_step(card, SIZE, 1, "openvino")(backends.example(card, SIZE))


def test_nothing_but_whole_graphs_is_left_behind(converted: Path) -> None:
    assert not list(converted.parent.glob("draft-*"))


SECOND_START = """
import sys
from pathlib import Path
from visuals.generator.prism import Prism
assert not {"torch", "diffusers"} & set(sys.modules), "before"
prism = Prism(Path(sys.argv[1]), 1, (256, 128))
assert prism.generate({}, 0.0) is not None
assert not {"torch", "diffusers", "openvino_telemetry.main"} & set(sys.modules), "after"
print(prism.backend)
"""


def test_a_second_start_needs_no_torch_and_no_telemetry(model: Path, converted: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SECOND_START, str(model)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("openvino")


def test_an_unknown_backend_is_named(card: Card) -> None:
    with pytest.raises(ModelError, match="expected auto, openvino or torch"):
        backends.open_step(card, SIZE, 1, "cuda")
