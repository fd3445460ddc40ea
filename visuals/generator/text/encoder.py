"""CLIP's text encoders (Radford et al. 2021) with their vocabularies: texts to the vectors a network is told.

Of a configuration only `FIELDS` are heard, so that a folder cannot ask the library for anything else.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from visuals.errors import ModelError
from visuals.generator.folder import read_json
from visuals.generator.libraries import described, one_line, transformers
from visuals.generator.text.folder import Part, Speaker
from visuals.generator.weights import POSITIONS, check_fit

FIELDS = (
    *("vocab_size", "hidden_size", "intermediate_size", "projection_dim", "num_hidden_layers", "num_attention_heads"),
    *("max_position_embeddings", "hidden_act", "layer_norm_eps", "eos_token_id"),
)
PREFIX = "text_model."
"""Before a tensor's name in some files and some releases of the library, and not in others."""

log = logging.getLogger(__name__)


class Encoded(NamedTuple):
    """What texts became: the last layer normed and the one before it [n, length, width], one vector each [n, width].

    The vector is None when the encoder has no projection.
    """

    last: Tensor
    before: Tensor
    whole: Tensor | None


def encode(speaker: Speaker, texts: Sequence[str], device: torch.device) -> Encoded:
    """The texts in float32; the encoder is let go afterwards. Raises ModelError.

    A text that is too long loses its last words, which is logged.
    """
    read, length = tokenizer(speaker), speaker.part.number("max_position_embeddings")
    for text in texts:
        if (most := len(read(text).input_ids)) > length:
            log.warning("prompt %.40r... is too long: %d tokens, the model reads %d", text, most, length)
    told = read(list(texts), padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        said = _opened(speaker).to(device)(told.input_ids.to(device), output_hidden_states=True)
    found = Encoded(said.last_hidden_state, said.hidden_states[-2], said.text_embeds if speaker.projected else None)
    if not all(torch.isfinite(vectors).all() for vectors in found if vectors is not None):
        raise ModelError(f"{speaker.part.weights}: makes a prompt numbers that are not finite")
    return found


def check(speaker: Speaker) -> None:
    """Hold a text encoder's tensors and vocabulary against its configuration, without loading it. Raises ModelError."""
    part = speaker.part
    net = described(part.folder, lambda: _kind(speaker)(_config(part)))
    stored = {name.removeprefix(PREFIX): name for name in part.shapes if not name.endswith(POSITIONS)}
    expected = {name.removeprefix(PREFIX): tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    check_fit(
        part.weights,
        {name: part.shapes[name] for name in stored.values()},
        {stored.get(name, PREFIX + name): shape for name, shape in expected.items()},
    )
    tokenizer(speaker)


def tokenizer(speaker: Speaker) -> Any:
    """Texts to numbers, by the library's CLIPTokenizer. Raises ModelError for a broken vocabulary."""
    folder, room = speaker.vocabulary, speaker.part.number("vocab_size")
    try:
        found = transformers().CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        numbers = sorted(found.get_vocab().values())
    except Exception as error:  # Broad: the tokenizers beneath raise Exception itself.
        raise ModelError(f"{folder}: holds no vocabulary of CLIP's that can be read: {one_line(error)}") from error
    if not 0 <= numbers[0] <= numbers[-1] < room:
        raise ModelError(
            f"{folder / 'vocab.json'}: found the number {numbers[-1]}, expected 0 to {room - 1}, the text encoder's "
            "vocabulary"
        )
    words = read_json(folder / "vocab.json")
    for word in (found.bos_token, found.eos_token):
        if word not in words:  # The library would give it a number that the encoder was never taught.
            raise ModelError(f"{folder / 'vocab.json'}: {word} is missing, expected CLIP's vocabulary")
    return found


def _opened(speaker: Speaker) -> Any:
    """The encoder with its weights, once `check` is content. Raises ModelError."""
    check(speaker)
    part = speaker.part
    try:
        net, loading = _kind(speaker).from_pretrained(
            part.folder,
            config=_config(part),
            variant="fp16" if ".fp16." in part.weights.name else None,
            dtype=torch.float32,
            attn_implementation="sdpa",
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{part.weights}: weights and configuration do not fit: {one_line(error)}") from error
    if loading["missing_keys"]:  # The library would go on with random numbers in their place.
        raise ModelError(f"{part.weights}: no {min(loading['missing_keys'])} found by transformers, expected its names")
    return net.eval()


def _kind(speaker: Speaker) -> Any:
    library = transformers()
    return library.CLIPTextModelWithProjection if speaker.projected else library.CLIPTextModel


def _config(part: Part) -> Any:
    return transformers().CLIPTextConfig(**{name: part.config[name] for name in FIELDS if name in part.config})
