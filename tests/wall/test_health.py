"""Pictures are judged as they come: what is broken is found, and what artists do is left alone."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from visuals.types import Flag, Pixels
from visuals.wall.health import MOVED_S, STILL_S, Doctor, Health, is_black
from visuals.wall.music import NOTHING, Heard
from visuals.wire import Stamp, read_stamp, signature, sparse, stamp

SHAPE = (256, 512, 4)
LOUD, QUIET = Heard(0.6), Heard(0.02)


def grey(value: int) -> Pixels:
    picture = np.full(SHAPE, value, np.uint8)
    picture[..., 3] = 255
    return picture


def moving(n: int) -> Pixels:
    """A ramp that goes round: never twice the same in 512 pictures."""
    picture = np.empty(SHAPE, np.uint8)
    picture[...] = (np.arange(512) + n)[None, :, None] % 256
    return picture


class Night:
    """Pictures at 60 fps to a doctor."""

    def __init__(self) -> None:
        self.doctor, self.n = Doctor(), 0

    def see(self, picture: Pixels, heard: Heard = LOUD, flags: Flag = Flag.NONE, look: int = 1) -> Health:
        signed = Stamp(flags, look, signature(sparse(picture)))
        self.n += 1
        return self.doctor.judge(picture, signed, self.n, self.n / 60, heard)

    def moves(self, seconds: float, look: int = 1) -> set[Health]:
        return {self.see(moving(n), look=look) for n in range(round(60 * seconds))}

    def stands(self, seconds: float, heard: Heard = LOUD, look: int = 1) -> set[Health]:
        return {self.see(moving(7), heard, look=look) for _ in range(round(60 * seconds))}


def test_a_stamp_comes_through_as_it_was_written() -> None:
    picture = moving(3)
    told = read_stamp(stamp(picture, Flag.DARK | Flag.LIVE, "dawn"))
    assert told == Stamp(Flag.DARK | Flag.LIVE, zlib.crc32(b"dawn") & 0xFF, signature(sparse(picture)))
    assert read_stamp(int(Flag.FREEZE)) == Stamp(Flag.FREEZE)
    assert stamp(picture, Flag(63), "x") < 2**63


def test_a_picture_that_is_not_what_was_signed_is_broken() -> None:
    night = Night()
    night.moves(0.1)
    signed = Stamp(Flag.NONE, 1, signature(sparse(moving(1))))
    torn = moving(1)
    torn[100:] = moving(2)[100:]
    assert night.doctor.judge(moving(1), signed, 100, 1.0, LOUD) is Health.GOOD
    assert night.doctor.judge(torn, signed, 101, 1.0, LOUD) is Health.BROKEN


def test_a_ring_that_jumps_back_costs_one_picture() -> None:
    night = Night()
    night.moves(0.5)
    night.n = 3
    assert [night.see(moving(n)) for n in range(3)] == [Health.BROKEN, Health.GOOD, Health.GOOD]


def test_black_is_black_to_the_last_pixel() -> None:
    black = grey(0)
    assert is_black(black)
    assert is_black(grey(7))
    assert not is_black(grey(8))
    black[137, 411, 1] = 9
    assert not is_black(black)


def test_black_is_no_fault_where_the_show_is_dark() -> None:
    night = Night()
    assert night.see(grey(0)) is Health.BLACK
    assert night.see(grey(0), flags=Flag.DARK) is Health.GOOD


FLAT = {
    (255, 255, 255): Health.FLAT,
    (0, 255, 255): Health.FLAT,
    (255, 254, 255): Health.GOOD,
    (90, 90, 90): Health.GOOD,
}


@pytest.mark.parametrize(("colour", "expected"), FLAT.items())
def test_numbers_beyond_all_bounds_leave_one_flat_colour(colour: tuple[int, int, int], expected: Health) -> None:
    night, picture = Night(), grey(255)
    picture[..., :3] = colour
    assert night.see(picture) is Health.GOOD, "a look that was never more than one colour"
    night.moves(0.1)
    assert night.see(picture) is expected
    assert night.see(picture, look=2) is Health.GOOD


def test_a_picture_that_moved_and_stands_while_the_music_plays_is_still() -> None:
    night = Night()
    assert night.moves(MOVED_S + 0.1) == {Health.GOOD}
    assert night.stands(STILL_S - 0.1) == {Health.GOOD}
    assert night.stands(1.0) == {Health.GOOD, Health.STILL}
    assert night.see(moving(8)) is Health.GOOD


def test_what_stands_on_purpose_is_never_still() -> None:
    for night in (silent := Night(), deaf := Night(), short := Night(), changed := Night(), video := Night()):
        night.moves(0.5)
    silent.moves(MOVED_S)
    assert silent.stands(20.0, QUIET) == {Health.GOOD}
    deaf.moves(MOVED_S)
    assert deaf.stands(20.0, NOTHING) == {Health.GOOD}
    short.moves(MOVED_S / 2)
    assert short.stands(20.0) == {Health.GOOD}, "a logo that was animated for a moment"
    changed.moves(MOVED_S)
    assert changed.stands(20.0, look=2) == {Health.GOOD}, "a scene with one image"
    for n in range(600):
        assert video.see(moving(n // 2)) is Health.GOOD
    assert video.stands(20.0) == {Health.GOOD}, "a clip at half the rate stands every other picture"
