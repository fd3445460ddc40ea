"""Texts to vectors: what of a folder is refused, which names and lengths are taken."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.generator.text import tiny
from visuals.errors import ModelError
from visuals.generator.text import encoder
from visuals.generator.text.folder import Speaker, read_text_folder

CPU = torch.device("cpu")
CONFIG, WEIGHTS = "text_encoder/config.json", "text_encoder/model.safetensors"


@pytest.fixture(scope="module")
def xl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.build(tmp_path_factory.mktemp("models") / "xl", xl=True)


@pytest.fixture
def copy(xl: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(xl, tmp_path / "xl"))


def speaker(folder: Path, projected: bool = False) -> Speaker:
    return read_text_folder(folder).speakers[projected]


def test_texts_become_numbers_between_a_start_and_an_end(xl: Path) -> None:
    plain, other = (encoder.tokenizer(speaker(xl, projected)) for projected in (False, True))
    told = {"padding": "max_length", "max_length": 7, "truncation": True}
    assert plain("the Sea  of fire", **told).input_ids == [520, 515, 513, 519, 518, 521, 521]
    assert other("the Sea  of fire", **told).input_ids == [520, 515, 513, 519, 518, 521, 0]
    assert plain("sea " * 9, **told).input_ids == [520, *[513] * 5, 521]


def test_only_a_projected_encoder_gives_one_vector_for_a_text(xl: Path) -> None:
    said = [encoder.encode(speaker(xl, projected), ["fire", "sea"], CPU) for projected in (False, True)]
    assert [tuple(s.last.shape) for s in said] == [(2, tiny.LENGTH, 16), (2, tiny.LENGTH, 24)]
    assert said[0].whole is None
    assert said[1].whole is not None
    assert said[1].whole.shape == (2, 12)
    assert (said[0].last[0] - said[0].last[1]).abs().max() > 0.1
    assert (said[0].last - said[0].before).abs().max() > 0.1


@pytest.mark.parametrize("projected", [False, True])
def test_a_tensors_older_and_newer_names_are_one(copy: Path, projected: bool) -> None:
    found = speaker(copy, projected)
    expected = encoder.encode(found, ["the sea"], CPU)
    tensors = {name.removeprefix(encoder.PREFIX): tensor for name, tensor in load_file(found.part.weights).items()}
    bare = {encoder.PREFIX * ("projection" not in name) + name: tensor for name, tensor in tensors.items()}
    numbered = bare | {"text_model.embeddings.position_ids": torch.arange(tiny.LENGTH)[None]}
    for named in (bare, numbered) if projected else (tensors, bare, numbered):
        save_file(named, found.part.weights)
        again = encoder.encode(speaker(copy, projected), ["the sea"], CPU)
        assert torch.equal(again.last, expected.last)


def test_a_configuration_cannot_ask_the_library_for_anything_else(copy: Path) -> None:
    found = speaker(copy)
    more = {"auto_map": {"AutoModel": "odd--odd.Odd"}, "_attn_implementation": "odd/odd", "torch_dtype": "float16"}
    asked = replace(found, part=replace(found.part, config=dict(found.part.config) | more))
    tiny.write(found.part.folder / "config.json", dict(asked.part.config))
    said, expected = (encoder.encode(s, ["fire"], CPU).last for s in (asked, found))
    assert torch.equal(said, expected)
    assert said.dtype == torch.float32


@pytest.mark.expects_warnings
def test_a_prompt_that_is_too_long_is_told(xl: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        said = encoder.encode(speaker(xl), ["sea " * 14, "sea " * 15], CPU)
    assert [r.getMessage().split("too long: ")[1] for r in caplog.records] == ["17 tokens, the model reads 16"]
    assert torch.equal(said.last[0], said.last[1])


def text(path: str, content: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        (folder / path).write_text(content)

    return act


def without(word: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        path = folder / "tokenizer" / "vocab.json"
        tiny.write(path, {"odd" if key == word else key: n for key, n in json.loads(path.read_text()).items()})
        tiny.write(folder / CONFIG, json.loads((folder / CONFIG).read_text()) | {"vocab_size": 600})
        tensors = load_file(folder / WEIGHTS)
        name = next(name for name in tensors if "token_embedding" in name)
        save_file(tensors | {name: torch.zeros(600, 16)}, folder / WEIGHTS)

    return act


def nan(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    tensors[next(name for name in tensors if name.endswith("final_layer_norm.bias"))].fill_(torch.nan)
    save_file(tensors, folder / WEIGHTS)


@pytest.mark.parametrize(
    ("act", "file", "told"),
    [
        (text("tokenizer/vocab.json", '{"a": "b"}'), "tokenizer: holds no vocabulary of CLIP's", "out of vocabulary"),
        (text("tokenizer/vocab.json", "{"), "tokenizer: holds no vocabulary of CLIP's", "EOF"),
        (text("tokenizer/merges.txt", "a b c\n"), "tokenizer: holds no vocabulary of CLIP's", "invalid at line 1"),
        (text("tokenizer/tokenizer_config.json", "[1]"), "tokenizer: holds no vocabulary of CLIP's", "typeerror"),
        (text("tokenizer/tokenizer_config.json", '{"pad_token": "<pad>"}'), "vocab.json", "expected 0 to 521"),
        (text("tokenizer/tokenizer_config.json", '{"eos_token": "<end>"}'), "vocab.json", "expected 0 to 521"),
        (without(tiny.START), "vocab.json", "<|startoftext|> is missing"),
        (without(tiny.END), "vocab.json", "<|endoftext|> is missing"),
        (nan, WEIGHTS, "not finite"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_broken_is_told_with_the_file(copy: Path, act: Callable[[Path], None], file: str, told: str) -> None:
    act(copy)
    with pytest.raises(ModelError) as caught:
        encoder.encode(speaker(copy), ["fire"], CPU)
    assert len(str(caught.value).splitlines()) == 1
    assert file in str(caught.value)
    assert told in str(caught.value)
