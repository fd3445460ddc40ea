"""How prism is trained: what it is shown, and every stage run for a moment on a few pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tools.prism_training import autoencoder, export, finish, flow, plot, student, teacher, trajectories
from tools.prism_training.budget import Stage, metadata
from tools.prism_training.dataset import FINISH, SHADERS, Renderer, Samples, Shelf, make
from tools.prism_training.machine import Machine
from tools.prism_training.samples import LATENT, SIDE, SPLITS, STYLES, Sample, Split, cell, draw_samples
from visuals.generator import condition
from visuals.generator.card import read_card

CONTROLS = dict.fromkeys((*condition.TURNS, *condition.LEVELS), 0.5) | {"symmetry": 0.0}


def test_no_seed_and_no_cell_of_attributes_is_in_two_splits() -> None:
    seen: dict[Split, list[Sample]] = {split: draw_samples(400, split) for split in SPLITS}
    seeds = [{sample.seed for sample in samples} for samples in seen.values()]
    cells = [{cell(sample.controls) for sample in samples} for samples in seen.values()]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert not seeds[first] & seeds[second]
        assert not cells[first] & cells[second]
    assert all(len(found) > 10 for found in cells)


def test_samples_are_the_same_each_time_and_the_styles_take_turns() -> None:
    assert draw_samples(40, "test", 3) == draw_samples(40, "test", 3)
    assert draw_samples(40, "test", 3) != draw_samples(40, "test", 4)
    assert [sample.style for sample in draw_samples(len(STYLES))] == list(STYLES)


def test_a_window_is_cut_from_the_picture_the_whole_canvas_would_show() -> None:
    left, right = (Sample("cells", 5, CONTROLS, aspect=2, left=x) for x in (8, 16))
    with Renderer() as renderer:
        pictures = [renderer.draw(sample).astype(int) for sample in (left, right)]
    assert pictures[0].shape == (SIDE, SIDE, 3)
    assert pictures[0].std() > 5.0
    assert (pictures[0][:, 64:] == pictures[1][:, :-64]).all()
    assert (left.field[:, :, 8:] == right.field[:, :, :-8]).all()
    assert (left.places[:, :, 8:] == right.places[:, :, :-8]).all()
    assert (left.grain[:, :, 8:] == right.grain[:, :, :-8]).all()


def test_grain_is_white_and_mirrored_as_the_field_is() -> None:
    free, folded = (Sample("cells", 5, {**CONTROLS, "symmetry": s}).grain for s in (0.0, 1.0))
    assert free.std() == pytest.approx(1.0, abs=0.02) == folded.std()
    np.testing.assert_allclose(folded, folded[:, :, ::-1], atol=1e-5)
    np.testing.assert_allclose(folded, folded[:, ::-1], atol=1e-5)
    assert np.abs(free - free[:, :, ::-1]).mean() > 0.5


def test_all_styles_draw_from_the_same_field_and_colour_it_the_same_way() -> None:
    """ISF includes no files, so each shader carries the text; the model was taught that it is one."""
    texts = [(SHADERS / f"{style}.fs").read_text() for style in STYLES]
    for start, end in (('"INPUTS"', '"PASSES"'), ("// The field:", "vec3 finish(")):
        assert len({text[text.index(start) : text.index(end)] for text in texts}) == 1
    assert len({FINISH.search(text)[0] for text in texts}) == 1  # type: ignore[index]


class Straight(torch.nn.Module):
    """A network that knows the clean latents: its flow is exact at every time."""

    def __init__(self, clean: torch.Tensor) -> None:
        super().__init__()
        self.clean = clean

    def forward(self, seen: torch.Tensor, t: torch.Tensor, _: None, class_labels: torch.Tensor, return_dict: bool):  # type: ignore[no-untyped-def]
        return ((seen[:, :8] - self.clean) / (t / 1000.0).view(-1, 1, 1, 1),)


def test_an_exact_flow_ends_at_the_picture_however_far_it_is_led() -> None:
    clean, grain = torch.randn(2, 8, 4, 4), torch.randn(2, 8, 4, 4)
    known = flow.Known(torch.randn(2, 8, 4, 4), torch.randn(2, 3, 4, 4), torch.randn(2, 5))
    net, t = Straight(clean), torch.tensor([1.0, 0.4])
    torch.testing.assert_close(flow.predict(net, flow.mix(clean, grain, t), t, known), clean, atol=1e-5, rtol=0)
    for guidance in (1.0, 3.0):
        way = flow.travel(net, grain, known, Machine("cpu"), guidance)
        assert len(way) == flow.STEPS + 1
        torch.testing.assert_close(way[-1], clean, atol=0.05, rtol=0)  # bfloat16 inside


class Told(torch.nn.Module):
    """Its velocity is 1 where a style is told, 0 elsewhere."""

    def forward(self, seen: torch.Tensor, t: torch.Tensor, _: None, class_labels: torch.Tensor, return_dict: bool):  # type: ignore[no-untyped-def]
        return (class_labels[:, : len(STYLES)].sum(1).view(-1, 1, 1, 1).expand(-1, 8, *seen.shape[2:]),)


def test_a_way_is_led_from_any_style_to_its_own_until_that_is_decided() -> None:
    grain, conditions = torch.zeros(2, 8, 4, 4), torch.zeros(2, condition.length(STYLES))
    conditions[:, 3] = 1.0
    known = flow.Known(torch.zeros(2, 8, 4, 4), torch.zeros(2, 3, 4, 4), conditions)
    alone, led = (flow.travel(Told(), grain, known, Machine("cpu"), guidance)[-1] for guidance in (1.0, 3.0))
    torch.testing.assert_close(alone, torch.full_like(alone, -1.0))
    times = 1.0 - np.arange(flow.STEPS) / flow.STEPS
    share = float((times > flow.GUIDED_ABOVE).mean())
    torch.testing.assert_close(led, torch.full_like(led, -1.0 - 2.0 * share))


def test_the_style_is_kept_from_some_and_nothing_else() -> None:
    known = flow.Known(torch.zeros(2, 8, 4, 4), torch.zeros(2, 3, 4, 4), torch.ones(2, condition.length(STYLES)))
    told = known.where_told(torch.tensor([True, False])).conditions
    assert (told[0] == 1.0).all()
    assert (told[1] == torch.tensor([0.0] * len(STYLES) + [1.0] * len(condition.STRUCTURE))).all()
    torch.manual_seed(0)
    many = flow.Known(torch.zeros(999, 1), torch.zeros(999, 1), torch.ones(999, condition.length(STYLES)))
    silent = (teacher.draw_known(many).conditions[:, 0] == 0.0).float().mean()
    assert 0.5 * teacher.UNTOLD < silent < 2.0 * teacher.UNTOLD


def test_a_stage_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    net = torch.nn.Linear(3, 3)
    stage = Stage(tmp_path, "a", 1.0, {"net": net}, 0.9)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    for step in stage.steps(optimizer, 0.1):
        net.weight.data += 1.0
        if step == 2:
            break
    stage.step = 3
    stage.save()
    again = torch.nn.Linear(3, 3)
    resumed = Stage(tmp_path, "a", 1.0, {"net": again}, 0.9)
    assert resumed.step == 3
    assert 0.0 < resumed.spent < 30.0
    assert torch.equal(again.weight, net.weight)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every stage for a moment, on four pictures a style."""
    folder, machine, patch = tmp_path_factory.mktemp("prism"), Machine("cpu"), pytest.MonkeyPatch()
    patch.setattr(trajectories, "SHARD", 16)
    patch.setattr(student, "SHARD", 16)
    patch.setattr(finish, "CRITIC_FIRST", 1)
    make(folder / "data", 4 * len(STYLES))
    autoencoder.train(folder, 0.05, 0, "small", machine)
    autoencoder.measure_latents(folder, "small", machine, count=16)
    teacher.train(folder, 0.05, 0, "small", machine)
    trajectories.make(folder, 0.001, 0, "small", machine)
    student.train(folder, 0.03, 0, "small", machine)
    finish.train(folder, 0.08, 0, "small", machine)
    export.export(folder, folder / "model", "small")
    patch.undo()
    return folder


def test_every_stage_leaves_what_the_next_one_needs(work: Path) -> None:
    for stage in ("autoencoder", "teacher", "student", "finish"):
        assert int(metadata(work / f"{stage}.safetensors")["step"]) > 1
    assert len(trajectories.shards(work)) == 1
    card = read_card(work / "model")
    assert card.styles == STYLES


def test_what_is_drawn_already_stays_and_is_whole(work: Path) -> None:
    shelf = Shelf(work / "data", "fire", "train")
    before = (shelf.folder / "pictures.npy").stat().st_mtime_ns
    make(work / "data", 4 * len(STYLES))
    assert (shelf.folder / "pictures.npy").stat().st_mtime_ns == before
    samples = Samples(work / "data")
    assert len(samples) == 4 * len(STYLES)
    index = np.array([4 * STYLES.index("fire") + 1, 0])
    fire, first = (
        draw_samples(4, "train", STYLES.index("fire"), ["fire"])[1],
        draw_samples(4, "train", 0, STYLES[:1])[0],
    )
    assert np.allclose(samples.take("fields", index)[0], fire.field, atol=2e-3)
    assert samples.conditions(index).shape == (2, len(STYLES) + len(condition.STRUCTURE))
    assert np.allclose(samples.conditions(index)[1, len(STYLES) :], first.structure)
    assert samples.conditions(index)[0, STYLES.index("fire")] == 1.0


def test_latents_come_in_unit_variance_and_in_the_pictures_order(work: Path) -> None:
    data, machine = flow.Latents(work, "small", Machine("cpu")), Machine("cpu")
    index = np.array([37, 2])
    scale, shift = flow.scaling(work)
    vae = autoencoder.load(work, "small", machine)
    raw = autoencoder.encode(vae, data.pictures(index), machine)
    assert np.allclose(data.clean(index).numpy(), (raw - shift) * scale, atol=0.05)
    assert data.known(index).field.shape == (2, 8, LATENT, LATENT)


def test_the_logs_can_be_plotted(work: Path) -> None:
    (work / "teacher.jsonl").write_text(
        '{"step": 1, "seconds": 1.0, "loss": 2.0}\n{"step": 2, "seconds": 2.0, "loss": 1.0}\n'
    )
    assert plot.draw(work).stat().st_size > 5_000
