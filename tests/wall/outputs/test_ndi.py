from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from visuals.clock import sleep
from visuals.errors import DeviceError
from visuals.types import Frame
from visuals.wall.outputs.ndi import Ndi
from visuals.wall.outputs.settings import NdiSettings

HERE = importlib.util.find_spec("cyndilib") is not None
NEEDS = "needs the NDI library: pip install 'visuals[ndi]'"

NETWORK = '{"ndi": {"networks": {"ips": "127.0.0.1,"}}}'
"""Sources are looked for here, since nobody answers to mDNS."""

RECEIVER = """
import sys
import numpy as np
from cyndilib.finder import Finder
from cyndilib.receiver import Receiver
from cyndilib.video_frame import VideoFrameSync
from cyndilib.wrapper.ndi_recv import RecvBandwidth, RecvColorFormat
from visuals.clock import monotonic, sleep
receiver = Receiver(color_format=RecvColorFormat.RGBX_RGBA, bandwidth=RecvBandwidth.highest)
frame = VideoFrameSync()
receiver.frame_sync.set_video_frame(frame)
deadline = monotonic() + 20.0
with Finder() as finder:
    while monotonic() < deadline and not [n for n in finder.get_source_names() if sys.argv[1] in n]:
        finder.wait_for_sources(0.1)
        finder.update_sources()
    name = next(n for n in finder.get_source_names() if sys.argv[1] in n)
    receiver.set_source(finder.get_source(name))
    while monotonic() < deadline and not frame.xres:
        receiver.frame_sync.capture_video()
        sleep(0.02)
np.save(sys.argv[2], np.frombuffer(frame.get_array(), np.uint8).reshape(frame.yres, frame.xres, 4))
print(frame.get_frame_rate())
"""


@pytest.mark.skipif(not HERE, reason=NEEDS)
def test_a_receiver_sees_the_wall(tmp_path: Path) -> None:
    (tmp_path / "ndi-config.v1.json").write_text(NETWORK)
    pixels = np.zeros((64, 128, 4), np.uint8)
    pixels[:, :64], pixels[:, 64:] = (200, 40, 20, 255), (20, 120, 240, 255)
    command = [sys.executable, "-c", RECEIVER, "(wall of a test)", str(tmp_path / "seen.npy")]
    with Ndi((128, 64), NdiSettings(name="wall of a test"), "main", 60.0) as output:
        environment = {**os.environ, "NDI_CONFIG_DIR": str(tmp_path)}
        receiver = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        n = 0
        while receiver.poll() is None:
            output.send(Frame(n, n / 60, pixels))
            n += 1
            sleep(1 / 60)
    said, complaint = receiver.communicate()
    assert receiver.returncode == 0, complaint
    assert said.strip() == "60"
    seen = np.load(tmp_path / "seen.npy")
    # NDI compresses, with half the colour: an edge bleeds a little, plain fields are nearly exact.
    for field in (np.s_[4:60, 4:56], np.s_[4:60, 72:124]):
        assert np.abs(seen[field][..., :3].astype(int) - pixels[field][..., :3]).max() <= 12


@pytest.mark.skipif(HERE, reason="the NDI library is here")
def test_a_missing_library_is_said_with_the_line_that_installs_it() -> None:
    with pytest.raises(DeviceError, match=r"pip install 'visuals\[ndi\]'"):
        Ndi((8, 8), NdiSettings(), "main", 60.0).__enter__()
