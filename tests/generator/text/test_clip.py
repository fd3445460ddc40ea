"""Texts to vectors, held against figures of the reference implementations.

The expected numbers were written down once from transformers 5.23 (CLIPTextModelWithProjection and
CLIPTokenizer) on the same weights and vocabulary.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.generator.text import tiny
from visuals.errors import ModelError
from visuals.generator.text.clip import TextEncoder, named
from visuals.generator.text.tokens import Tokenizer

CONFIG = {
    "vocab_size": 522,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "max_position_embeddings": tiny.LENGTH,
    "projection_dim": 4,
}


def filled(act: str) -> TextEncoder:
    encoder = TextEncoder({**CONFIG, "hidden_act": act}, projected=True).eval()
    rng = np.random.default_rng(5)
    state = encoder.state_dict()
    values = {n: torch.from_numpy(rng.normal(0.0, 0.3, state[n].shape).astype(np.float32)) for n in sorted(state)}
    encoder.load_state_dict(values)
    return encoder


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("tokenizer")
    assert tiny.vocabulary(folder) == CONFIG["vocab_size"]
    return Tokenizer(folder, tiny.LENGTH)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("the Sea of fire", [520, 515, 513, 519, 518, 521, *[0] * 10]),
        (
            "It's  THE sea's\n fire 42½ x² ñ a_b - don't",
            [520, 72, 339, 6, 338, 515, 513, 6, 338, 518, 275, 273, 126, 377, 343, 521],
        ),
        ("", [520, 521, *[0] * 14]),
        ("a " * 40, [520, *[320] * 14, 521]),
    ],
)
def test_texts_become_the_references_numbers(tokenizer: Tokenizer, text: str, numbers: list[int]) -> None:
    assert tokenizer(text) == numbers


@pytest.mark.parametrize(
    ("act", "last", "before", "whole"),
    [
        (
            "quick_gelu",
            [-0.44474, -0.14221, -0.29435, 0.34996],
            [0.54489, -0.47571, -0.00077, 0.71711],
            [0.04981, 0.07198, 0.20021, 0.36706],
        ),
        (
            "gelu",
            [-0.44481, -0.14234, -0.29493, 0.35229],
            [0.55183, -0.48878, 0.00546, 0.7242],
            [0.04904, 0.07117, 0.19995, 0.36893],
        ),
    ],
)
def test_vectors_are_the_references(
    tokenizer: Tokenizer, act: str, last: list[float], before: list[float], whole: list[float]
) -> None:
    with torch.inference_mode():
        encoded = filled(act)(torch.tensor([tokenizer("the sea of fire"), tokenizer("fire")]), tokenizer.end)
    assert encoded.last[0, 3, :4].tolist() == pytest.approx(last, abs=2e-5)
    assert encoded.before[1, 2, :4].tolist() == pytest.approx(before, abs=2e-5)
    assert encoded.whole[1].tolist() == pytest.approx(whole, abs=2e-5)


def test_older_and_newer_names_of_one_tensor_are_one() -> None:
    name = "text_model.encoder.layers.0.mlp.fc1.weight"
    assert named(name) == named(name.removeprefix("text_model.")) == name
    assert named("text_model.embeddings.position_ids") is None
    assert named("text_projection.weight") == "text_projection.weight"


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("vocab.json", {"a": "b"}, "expected words with their whole numbers"),
        ("vocab.json", {"a": 1}, "<|startoftext|> is missing"),
        ("merges.txt", "a b c\n", "expected two pieces a line"),
    ],
)
def test_a_broken_vocabulary_is_refused(tmp_path: Path, name: str, content: object, text: str) -> None:
    tiny.vocabulary(tmp_path)
    (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(ModelError) as caught:
        Tokenizer(tmp_path, tiny.LENGTH)
    assert name in str(caught.value)
    assert text in str(caught.value)
