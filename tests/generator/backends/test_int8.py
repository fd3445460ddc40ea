"""What of a model may be int8: the file beside its weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from visuals.errors import ModelError
from visuals.generator import backends
from visuals.generator.backends import conversion, int8
from visuals.generator.card import Card, read_card
from visuals.generator.opening import check_model

SIZE = (128, 64)


@pytest.fixture
def card(model: Path, tmp_path: Path) -> Card:
    """A copy of the model, whose file may be changed."""
    return read_card(shutil.copytree(model, tmp_path / "prism"))


def write(card: Card, **changed: Any) -> None:
    path = card.folder / int8.FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


def test_the_model_that_ships_has_most_of_its_layers_measured(card: Card) -> None:
    ranges = int8.read_ranges(card, card.digest())
    assert len(ranges) > 30
    assert all(low < high for low, high in ranges.values())


def test_without_the_file_nothing_is_int8(card: Card) -> None:
    (card.folder / int8.FILE).unlink()
    assert int8.read_ranges(card, card.digest()) == {}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"weights": "0123"}, "found ranges of other weights"),
        ({"ranges": [1.0, 2.0]}, "found no table `ranges`"),
        ({"ranges": {"unet.conv_in": [1.0]}}, r"found \[1.0\] for 'unet.conv_in'"),
        ({"ranges": {"unet.conv_in": [2.0, 1.0]}}, "the least value, then the largest"),
        ({"ranges": {"unet.conv_in": [0.0, float("nan")]}}, "the least value, then the largest"),
        ({"ranges": {"unet.conv_in": [0, 10**400]}}, "the least value, then the largest"),
        ({"ranges": {"unet.conv_in": "__import__('os')"}}, "the least value, then the largest"),
        ({"ranges": {"a\nb\x1b[31m": "x"}}, r"for 'a\\nb\\x1b\[31m'"),
        ({"weights": "a\nb"}, r"other weights \('a\\nb'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_before_the_show(card: Card, changed: dict[str, Any], said: str) -> None:
    write(card, **changed)
    with pytest.raises(ModelError, match=said) as caught:
        check_model(card.folder)
    assert str(card.folder / int8.FILE) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.expects_warnings
def test_a_layer_the_model_does_not_have_leaves_int8_out(
    card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    write(card, ranges={"unet.conv_up": [0.0, 1.0]})
    folder = conversion.prepared(card)
    assert folder is not None
    assert "its int8 did not do here" in caplog.text
    step = backends.open_step(card, SIZE, 1, "openvino")
    assert step.name in {"openvino bf16", "openvino f32"}
    step(backends.example(card, SIZE))
