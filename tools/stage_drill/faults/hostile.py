"""Show files that mean harm, and a process that reads each: it must refuse by a typed error and write nothing.

python -m tools.stage_drill.faults.hostile FILE …
"""

from __future__ import annotations

import json
import os
import resource
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

from visuals.clock import monotonic

ROOT = Path(__file__).resolve().parents[3]
SCENE = "scenes: {a: {layers: [%s]}}\n"
GOOD = ROOT / "tools" / "stage_drill" / "show" / "show.yaml"
HEAD = "show: Bad\ncanvas: [64, 64]\n"
SHADER = HEAD + SCENE
HAZE = "{name: x, shader: generators/haze}"
RULE = HEAD + f"scenes: {{a: {{layers: [{HAZE}], rules: [{{drive: x.density, from: %s}}]}}}}\n"


def _laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    return HEAD + "\n".join(lines) + "\n"


def _vast_png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


SHOWS = {
    "outside": SHADER % "{name: x, shader: ../../../../../../etc/passwd}",
    "absolute": SHADER % "{name: x, image: /etc/passwd}",
    "track outside": HEAD + "audio: {track: ../../../../../../etc/shadow}\n" + SCENE % HAZE,
    "link": SHADER % "{name: x, image: link.png}",
    "vast picture": SHADER % "{name: x, image: vast.png}",
    "billion laughs": _laughs(),
    "a tag that runs code": HEAD + "x: !!python/object/apply:os.system ['touch pwned']\n",
    "a million brackets": HEAD + "scenes: " + "[" * 100_000,
    "nested maps": HEAD + "scenes: " + "{a: " * 20_000,
    "a rule that runs code": RULE % "__import__('os')",
    "a vast canvas": "show: Bad\ncanvas: [4294967295, 4294967295]\n" + SCENE % HAZE,
    "a long number": HEAD + "seed: " + "9" * 5000 + "\n" + SCENE % HAZE,
    "a pickled model": HEAD + "model: ../pickled\n" + SCENE % "{name: x, model: {}}",
    "zeros": "\0" * 100_000,
}


def write(folder: Path) -> list[Path]:
    """All hostile shows, each in a folder of its own."""
    pickled = folder / "pickled"
    pickled.mkdir(parents=True, exist_ok=True)
    (pickled / "model_index.json").write_text("{}")
    (pickled / "weights.pkl").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    paths = []
    for name, text in SHOWS.items():
        home = folder / name.replace(" ", "-")
        home.mkdir(exist_ok=True)
        (home / "show.yaml").write_text(text)
        (home / "vast.png").write_bytes(_vast_png())
        if not (home / "link.png").is_symlink():
            (home / "link.png").symlink_to("/etc/passwd")
        paths.append(home / "show.yaml")
    return paths


def judged(folder: Path, wait: Callable[[float], None]) -> dict[str, float]:
    """The worst of all: seconds, MB of memory, how many were taken or fell over, what was written."""
    paths = write(folder)
    before = set(folder.rglob("*"))
    reader = subprocess.Popen(
        [sys.executable, "-m", "tools.stage_drill.faults.hostile", *map(str, paths)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    end = monotonic() + 60.0
    while reader.poll() is None and monotonic() < end:
        wait(0.05)
    reader.kill()
    text, _ = reader.communicate()
    verdicts = [json.loads(line) for line in text.splitlines()]
    return {
        "untyped": float(len(paths) - sum(v["typed"] for v in verdicts)),
        "worst_s": max((v["seconds"] for v in verdicts), default=float("inf")),
        "most_mb": max((v["mb"] for v in verdicts), default=float("inf")),
        "written": float(len(set(folder.rglob("*")) - before)),
    }


def main() -> None:
    """One JSON object a file: whether it was refused by a typed error, how long that took, what it cost."""
    from visuals.errors import VisualsError
    from visuals.proof import open_proven

    open_proven(GOOD, None)  # what is read for the first time is no cost of a hostile one
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in sys.argv[1:]:
        start, typed, what = monotonic(), False, "taken"
        try:
            open_proven(Path(name), None)
        except VisualsError as error:
            typed, what = True, str(error).splitlines()[0]
        except Exception as error:  # what falls over here would have taken the show's place
            what = f"{type(error).__name__}: {error}"[:200]
        mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024
        verdict = {"file": name, "typed": typed, "what": what, "seconds": monotonic() - start, "mb": mb}
        print(json.dumps(verdict), flush=True)


if __name__ == "__main__":
    main()
