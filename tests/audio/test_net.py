from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from tools.ears_training.material import levels
from tools.ears_training.model import EarsNet
from visuals.audio import net
from visuals.audio.analysis import EARS
from visuals.audio.spectrum import Spectrum
from visuals.errors import ModelError
from visuals.types import HOP, SAMPLE_RATE_HZ


def weights(network: EarsNet) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in network.state_dict().items()}


def sound(seconds: float) -> np.ndarray:
    rng = np.random.default_rng(4)
    t = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (0.1 * np.sin(880.0 * t) * (t % 0.25 < 0.1) + 0.02 * rng.normal(size=len(t))).astype(np.float32)


def test_live_network_says_what_was_taught() -> None:
    """Hop by hop in NumPy as over whole clips in PyTorch, front end included."""
    torch.manual_seed(1)
    network = EarsNet()
    live, spectrum = net.Net(weights(network)), Spectrum()
    hops = sound(1.5)[: 280 * HOP].reshape(-1, HOP)
    said = [live.hear(spectrum.feed(hop), hop) for hop in hops]
    with torch.no_grad():
        fast, slow = network(*(torch.from_numpy(level)[None] for level in levels(hops.ravel())))
    assert np.allclose([heard.fast for heard in said], torch.sigmoid(fast)[0].numpy(), atol=2e-3)
    spoken = [heard.slow for heard in said if heard.slow is not None]
    assert np.allclose(spoken, torch.sigmoid(slow)[0].numpy(), atol=2e-3)
    assert len(spoken) == len(hops) // net.SLOW


def test_rows_of_a_bank_are_means_and_cover_their_range() -> None:
    for rows, window in ((net.FAST_BANK, net.WINDOW), (net.LONG_BANK, net.LONG_WINDOW)):
        assert np.allclose(rows.sum(axis=1), 1.0, atol=1e-5)
        frequencies = np.fft.rfftfreq(window, 1.0 / SAMPLE_RATE_HZ)
        middles = rows @ frequencies
        assert (np.diff(middles) > 0.0).all()
        inside = (frequencies > middles[0]) & (frequencies < middles[-1])
        assert (rows.sum(axis=0)[inside] > 0.0).all()


def test_shipped_ears_are_read_and_small() -> None:
    assert EARS.stat().st_size < 1_000_000
    heard = net.Net(net.read(EARS)).hear(np.zeros(513, np.float32), np.zeros(HOP, np.float32))
    assert heard.fast.shape == (len(net.FAST_HEADS),)
    strokes = heard.fast[: net.FAST_HEADS.index("melodic")]
    assert (strokes < 0.3).all(), "silence is not a stroke"


@pytest.mark.parametrize("kind", ["missing", "text", "half"])
def test_ears_that_are_not_ears_are_one_clear_line(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    if kind == "text":
        path.write_text("no weights")
    elif kind == "half":
        save_file({"fast_in.weight": np.zeros((64, 80), np.float32)}, path)
    with pytest.raises(ModelError, match=r"model\.safetensors: found no ears .*tools/train_ears") as error:
        net.read(path)
    assert "\n" not in str(error.value)
