"""The command line: one thin command per verb. Rooms are imported only by the verb that needs them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from visuals.errors import VisualsError

if TYPE_CHECKING:
    from rich.console import Console

LONGEST_HELP = 1000


class Verbs(TyperGroup):
    """Commands whose descriptions go on in the next line where the terminal ends, and are not cut there."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        verbs = [(name, verb.get_short_help_str(LONGEST_HELP)) for name, verb in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(verbs)


app = typer.Typer(
    cls=Verbs,
    help="Generative, reactive stage visuals: live sound to the LED wall.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ShowArgument = Annotated[str, typer.Argument(metavar="SHOW", help="A show file, its folder, or its name under shows/.")]
SeedOption = Annotated[int | None, typer.Option(help="Play with another seed than the show's.", min=0, max=2**32 - 1)]

DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?")
UNITS_S = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """`30s`, `500ms`, `2m`, `1h` or plain seconds."""
    found = DURATION.fullmatch(text.strip())
    if not found:
        raise typer.BadParameter(f"found {text!r}, expected a duration like 30s, 500ms, 2m or 1h")
    return float(found[1]) * UNITS_S[found[2]]


def expect_ending(path: Path, *endings: str) -> None:
    if path.suffix.lower() not in endings:
        raise typer.BadParameter(f"found {path}, expected a file that ends in {' or '.join(endings)}")


def size(text: str) -> tuple[int, int]:
    """`WIDTHxHEIGHT` in pixels."""
    found = re.fullmatch(r"(\d+)x(\d+)", text.strip())
    if not found:
        raise typer.BadParameter(f"found {text!r}, expected WIDTHxHEIGHT like 512x256")
    return int(found[1]), int(found[2])


def address(text: str) -> tuple[str, int]:
    """`HOST`, `HOST:PORT` or `:PORT`."""
    found = re.fullmatch(r"([\w.-]*)(?::(\d{1,5}))?", text.strip())
    if not found or not text.strip() or int(found[2] or 1) > 65_535:
        raise typer.BadParameter(f"found {text!r}, expected HOST or HOST:PORT")
    return found[1], int(found[2] or 5569)


ForOption = Annotated[Any, typer.Option("--for", parser=seconds, metavar="DURATION", help="Stop after this long.")]


def terminal(stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


@app.command()
def play(
    show: ShowArgument,
    rig: Annotated[str | None, typer.Option(help="A rig file; `null` sends nothing out.")] = None,
    audio: Annotated[str | None, typer.Option(help="A device's name, a file, or `none`.")] = None,
    midi: Annotated[
        str | None, typer.Option(help="Listen to MIDI ports with this in their name, several with commas.")
    ] = None,
    midi_api: Annotated[Literal["auto", "alsa", "jack"], typer.Option(help="Where MIDI comes from.")] = "auto",
    length: ForOption = None,
    record: Annotated[Path | None, typer.Option(help="Record what leaves for the wall, with the sound.")] = None,
    log: Annotated[Path | None, typer.Option(help="The show log, one JSON object a line.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Open no window.")] = False,
    seed: SeedOption = None,
    safe: Annotated[bool, typer.Option("--safe", help="Two frames late, so that no broken one is seen.")] = False,
    standby: Annotated[
        bool, typer.Option("--standby", help="Be the second machine of a rig: take over when the main one is gone.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, also after a power cut.")] = False,
    peer: Annotated[
        Any,
        typer.Option(parser=address, metavar="HOST[:PORT]", help="The stand-by machine; on it, the port to listen at."),
    ] = None,
) -> None:
    """Play a show live."""
    from visuals import perform
    from visuals.library import find_show

    path = find_show(show)
    perform.play(
        path,
        terminal(),
        fresh=fresh,
        rig=rig,
        audio=audio,
        seconds=length,
        seed=seed,
        headless=headless,
        midi=midi,
        midi_api=midi_api,
        record=record,
        log=log or Path("out") / path.parent.name / "show.jsonl",
        safe=safe,
        standby=standby,
        peer=peer,
    )


@app.command()
def press(
    word: Annotated[str, typer.Argument(metavar="WORD", help="loop, safe, freeze, blackout, live, go, tap …")],
    off: Annotated[bool, typer.Option("--off", help="Take the loop, the safe picture … away again.")] = False,
) -> None:
    """Press an operator's key in the show that plays on this machine."""
    from visuals import pressing
    from visuals.vocabulary import COMMANDS

    if word not in COMMANDS:
        raise typer.BadParameter(f"found {word!r}, expected one of {', '.join(COMMANDS)}")
    count = pressing.press(word, not off)
    told = {"live": "; a blackout stays until `press blackout --off`"}.get(word, "")
    terminal().print(f"{word} {'off' if off else 'pressed'} in {count} show{'s' if count > 1 else ''}{told}")


@app.command()
def render(
    show: ShowArgument,
    audio: Annotated[
        str | None, typer.Option(help="A sound file, or `none`; the show's own track if left out.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The video to write; without it only the frames' digest is told.")
    ] = None,
    length: ForOption = None,
    canvas: Annotated[Any, typer.Option("--size", parser=size, metavar="WxH", help="Another canvas size.")] = None,
    fps: Annotated[float | None, typer.Option(help="Another frame rate.", min=1.0, max=240.0)] = None,
    seed: SeedOption = None,
    hashes: Annotated[Path | None, typer.Option(help="Write each frame's SHA-256, one a line.")] = None,
) -> None:
    """Render a show over a sound file; the same input gives the same bytes, however fast the machine is."""
    from dataclasses import replace

    from visuals.audio.track import Track
    from visuals.library import find_show, open_show
    from visuals.offline import render as render_show
    from visuals.proof import prove

    loaded, library = open_show(find_show(show), seed)
    loaded = replace(loaded, canvas=canvas or loaded.canvas, fps=fps or loaded.fps)
    prove(loaded)
    track = audio or (str(loaded.track) if loaded.track else "none")
    long = length or (Track(Path(track)).duration if track != "none" else None)
    if long is None:
        raise VisualsError("without a sound file --for must say how long the rendering is")
    with progress("rendering", round(long * loaded.fps)) as advance:
        rendering = render_show(loaded, library, track, long, out, advance)
    if hashes:
        hashes.write_text("".join(f"{line}\n" for line in rendering.hashes))
    terminal().print(f"{len(rendering.hashes)} frames  sha256 {rendering.digest}")


@app.command()
def loop(
    show: ShowArgument,
    out: Annotated[Path | None, typer.Option(help="Where to write it; loop.mp4 beside the show if left out.")] = None,
    start: Annotated[
        Any, typer.Option("--from", parser=seconds, metavar="DURATION", help="Where in the show it begins.")
    ] = None,
    length: Annotated[Any, typer.Option("--for", parser=seconds, metavar="DURATION", help="How long it is.")] = "12s",
    overlap: Annotated[
        Any, typer.Option(parser=seconds, metavar="DURATION", help="Length of the seam's crossfade.")
    ] = "2s",
    audio: Annotated[
        str | None, typer.Option(help="A sound file to dance to; the show's own track if left out.")
    ] = None,
) -> None:
    """Render the failover loop of a show, without a seam."""
    from visuals.audio.track import Track
    from visuals.library import find_show
    from visuals.offline import Span, make_loop, on_the_beat
    from visuals.proof import open_proven

    path = find_show(show)
    if overlap > length:
        raise typer.BadParameter(f"found a seam of {overlap:g} s, expected at most the loop's length of {length:g} s")
    loaded, library = open_proven(path, None)
    track = audio or (str(loaded.track) if loaded.track else "none")
    begin = start if start is not None else (Track(Path(track)).duration * 0.4 if track != "none" else 0.0)
    target = out or path.parent / "loop.mp4"
    span = Span(begin, length)
    if track != "none":
        span = on_the_beat(track, loaded.listening, span)
    overlap = min(overlap, span.seconds)
    with progress("rendering the loop", round((span.seconds + overlap) * min(30.0, loaded.fps))) as advance:
        count = make_loop(loaded, library, track, target, span=span, overlap=overlap, progress=advance)
    terminal().print(f"{target}: {count} frames" + (f", {span.beats} beats" if span.beats else ""))


@app.command()
def check(
    files: Annotated[
        list[str], typer.Argument(metavar="SHOW|RIG|SHADER…", help="Show, rig and shader files, or folders of shaders.")
    ],
) -> None:
    """Find every mistake in shows, rigs and shaders, with its place; exit 1 if there is any."""
    from visuals.checking import check_files

    checked = check_files(files)
    for line in (*checked.notes, *checked.problems):
        print(line, file=sys.stderr)
    if checked.problems:
        raise typer.Exit(1)
    terminal().print(f"{len(files)} checked, nothing wrong")


@app.command()
def analyse(
    audio: Annotated[Path, typer.Argument(help="Any sound file.")],
    out: Annotated[Path | None, typer.Option(help="One JSON object per hop and per event.")] = None,
    plot: Annotated[Path | None, typer.Option(help="A page to look at: F.png, F.svg or F.pdf.")] = None,
) -> None:
    """Write down what the ears hear in a sound file, or draw it."""
    from visuals.audio.report import write

    if out is None and plot is None:
        raise typer.BadParameter("found neither --out nor --plot, expected one of them or both")
    if plot is not None and plot.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise typer.BadParameter(f"--plot: found {plot}, expected a file that ends in .png, .svg or .pdf")
    if plot is not None and plot == out:
        raise typer.BadParameter(f"--out and --plot: found {plot} twice, expected two files")
    with progress("listening", 1000) as advance:
        write(audio, out, plot, lambda share: advance(round(1000 * share)))


@app.command()
def signals(
    show: Annotated[
        str | None, typer.Argument(metavar="[SHOW]", help="Only what this show reads; everything if left out.")
    ] = None,
    audio: Annotated[
        str | None, typer.Option(help="Show all of it live: a device's name, or a file.", metavar="DEVICE|FILE")
    ] = None,
    only: Annotated[str | None, typer.Option(help="Only names like this: `kick*`, `*.phase`.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print the page shows/SIGNALS.md.")] = False,
) -> None:
    """Say what a show can hear: every signal and event, and with --audio what they do now."""
    from visuals import glossary

    loaded = None
    if show is not None:
        from visuals.library import find_show, open_show

        loaded, _ = open_show(find_show(show), None)
    rows = glossary.pick(glossary.rows(loaded), only)
    if audio is not None:
        from visuals.meters import listen
        from visuals.types import Listening

        listen(rows, audio, loaded.listening if loaded else Listening(), terminal())
    elif as_json:
        import json
        from dataclasses import asdict

        print(json.dumps([asdict(row) for row in rows], indent=1))
    elif as_markdown:
        print(glossary.markdown(rows), end="")
    else:
        glossary.show_table(rows, terminal())


calibration = typer.Typer(
    cls=Verbs, help="Measure the room, and keep the result with its rig file.", no_args_is_help=True
)
app.add_typer(calibration, name="calibrate")


@calibration.command("audio")
def calibrate_audio(
    device: Annotated[
        str, typer.Option(metavar="DEVICE|FILE", help="A device's name, or a file; the default input if left out.")
    ] = "",
    length: Annotated[
        Any, typer.Option("--seconds", parser=seconds, metavar="DURATION", help="How long to listen.")
    ] = "30s",
    rig: Annotated[Path | None, typer.Option(help="The rig file to keep it in.")] = None,
) -> None:
    """Measure the gain and the noise floor of a room: let it rest for some seconds, then play as loud as it will be."""
    from visuals.calibrating import calibrate

    with progress("listening", round(length)) as advance:
        calibrate(device, length, rig, advance, terminal())


shaders = typer.Typer(
    cls=Verbs, help="Shaders in the Interactive Shader Format and its neighbours.", no_args_is_help=True
)
app.add_typer(shaders, name="isf")


@shaders.command("check")
def check_shaders(
    folder: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="A library of shaders.", exists=True)],
    table: Annotated[Path | None, typer.Option("--csv", help="Write what became of each file.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="An earlier --csv: only what is new counts.")] = None,
) -> None:
    """Read, compile and draw every shader in a child that may die of it; exit 1 if one fails that did not before."""
    from visuals.render.judging import sweep

    paths = sweep.files(folder)
    known = sweep.read_baseline(baseline) if baseline else {}
    results = []
    with progress("shaders", len(paths)) as advance:
        for n, result in enumerate(sweep.Sweep(folder if folder.is_dir() else folder.parent).run(paths), 1):
            results.append(result)
            advance(n)
    if table:
        sweep.write_csv(table, results, folder)
    faults = sweep.new_faults(results, known, lambda result: sweep.named(result, folder))
    for fault in faults:
        print(f"{sweep.named(fault, folder)}: {fault.category}: {fault.text}", file=sys.stderr)
    terminal().print(f"{len(results)} shaders: {sweep.counted(results)}")
    if faults:
        raise typer.Exit(1)


walls = typer.Typer(cls=Verbs, help="The walls of a venue: plans and test patterns.", no_args_is_help=True)
app.add_typer(walls, name="wall")

RigArgument = Annotated[Path, typer.Argument(metavar="RIG", help="A rig file.")]


@walls.command("draw")
def draw_walls(
    rig: RigArgument, out: Annotated[Path, typer.Option(help="The picture to write: F.png, F.pdf or F.jpg.")]
) -> None:
    """Draw the plan of a rig: walls where they stand, cabinets, cables, ports, power."""
    from visuals.wall.drawing import draw_rig
    from visuals.wall.layout import load_rig

    expect_ending(out, ".png", ".pdf", ".jpg")
    draw_rig(load_rig(rig)).save(out)
    terminal().print(f"{out} written")


@walls.command("pattern")
def show_pattern(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A pattern; `list` names them all.")] = "list",
    rig: Annotated[Path | None, typer.Option(help="The rig file.")] = None,
    wall: Annotated[str | None, typer.Option(help="Only this wall.")] = None,
    length: ForOption = None,
    out: Annotated[Path | None, typer.Option(help="Write it as F.png and light nothing.")] = None,
) -> None:
    """Show a test pattern on the walls until Ctrl-C or escape, or write it as a picture."""
    from visuals.wall.patterns.command import run_pattern

    if out is not None:
        expect_ending(out, ".png")
    run_pattern(name, rig, wall, length, out, terminal())


desks = typer.Typer(cls=Verbs, help="What desks send by MIDI.", no_args_is_help=True)
app.add_typer(desks, name="midi")

PortOption = Annotated[
    str | None, typer.Option("--midi", metavar="PORT", help="Only ports with this in their name; all if left out.")
]
ApiOption = Annotated[Literal["auto", "alsa", "jack"], typer.Option(help="Where MIDI comes from.")]


@desks.command("monitor")
def monitor_midi(
    show: Annotated[str | None, typer.Option(metavar="SHOW", help="Say too what this show does with it.")] = None,
    port: PortOption = None,
    midi_api: ApiOption = "auto",
    length: ForOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Print every MIDI message: time, port, bytes, what it says, and what it is bound to."""
    from visuals import monitoring
    from visuals.library import find_show

    path = find_show(show) if show is not None else None
    told = monitoring.as_json if as_json else monitoring.line
    monitoring.monitor(path, port, midi_api, length or float("inf"), told)


@desks.command("learn")
def learn_midi(
    show: ShowArgument,
    go: Annotated[str | None, typer.Option(metavar="SCENE", help="It goes to this scene.")] = None,
    cue: Annotated[str | None, typer.Option(metavar="NUMBER", help="It fires this cue.")] = None,
    drive: Annotated[str | None, typer.Option(metavar="CONTROL", help="This control follows it.")] = None,
    press: Annotated[str | None, typer.Option(metavar="WORD", help="It presses this word: blackout, tap …")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of what it is bound to.")] = False,
    port: PortOption = None,
    midi_api: ApiOption = "auto",
    length: ForOption = None,
) -> None:
    """Wait for the next message of a desk and bind it in the show file, of which all else stays as it is."""
    from visuals import learning
    from visuals.library import find_show, open_show

    path, say = find_show(show), terminal()
    loaded, _ = open_show(path, None)
    words: dict[learning.Verb, str | None] = {"go": go, "cue": cue, "drive": drive, "press": press}
    asked = [learning.Task(verb, name) for verb, name in words.items() if name]
    if len(asked) > 1 or not (asked or sys.stdin.isatty()):
        why = "" if asked else "there is no terminal here to ask in, "
        raise typer.BadParameter(f"{why}expected one of --go, --cue, --drive and --press")
    for task in asked:
        learning.rehearse(path, task)
    say.print("press a button, move a fader or turn an endless knob to the left …", style="dim")
    learnt = learning.wait(loaded, port, midi_api, length)
    row, event = learnt.row, learnt.row.events[0].name
    written = ": ".join(learning.address(event))
    say.print(f"{row.port}: {row.data.hex(' ').upper()}: {row.meaning}; in the file {written}", markup=False)
    learning.taken(path, event, replace)
    task = asked[0] if asked else learning.ask(loaded, event, input)
    for line in learning.bind(path, event, task, replace, learnt.way):
        say.print(line, markup=False)


fixtures = typer.Typer(cls=Verbs, help="Shows as fixtures of a lighting desk.", no_args_is_help=True)
app.add_typer(fixtures, name="dmx")


@fixtures.command("fixture")
def write_fixture(
    show: ShowArgument,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write them; made if it is not there.")],
) -> None:
    """Write a show's personality for lighting desks: as GDTF, and as a grandMA2 fixture type."""
    from visuals.desk import personality
    from visuals.library import find_show, open_show

    loaded, _ = open_show(find_show(show), None)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in personality(loaded).items():
        (out / name).write_bytes(content)
        terminal().print(f"{out / name} written")


flash = typer.Typer(cls=Verbs, help="Limits for flashing light; no medical guarantee.", no_args_is_help=True)
app.add_typer(flash, name="flash")


@flash.command("check")
def check_flashes(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="Any video file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    nits: Annotated[float, typer.Option(help="Peak of the display in cd/m2.", min=1.0)] = 200.0,
    standard: Annotated[
        Literal["trace", "wcag", "broadcast"], typer.Option(help="How much of the picture is too much.")
    ] = "trace",
    plot: Annotated[Path | None, typer.Option(help="A page to look at: F.png, F.svg or F.pdf.")] = None,
) -> None:
    """Say whether a video flashes too much, when and where; exit 1 if it does. It certifies nothing."""
    from visuals.wall.footage.examine import examine

    if plot is not None and plot.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise typer.BadParameter(f"--plot: found {plot}, expected a file that ends in .png, .svg or .pdf")
    with progress("looking", 1000) as advance:
        found = examine(video, standard, nits, lambda share: advance(round(1000 * share)))
    if plot is not None:
        from visuals.wall.footage.chart import draw

        draw(found, plot)
    print(found.json() if as_json else found.text())
    if found.fails:
        raise typer.Exit(1)


@app.command()
def bench(
    sections: Annotated[
        list[str] | None,
        typer.Argument(metavar="[audio|show|desk|model|render|media|wall]…", help="All of them if left out."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    each: Annotated[
        Any, typer.Option("--seconds", parser=seconds, metavar="DURATION", help="How long each figure is measured.")
    ] = "2s",
) -> None:
    """Measure the hot paths, each beside the bare library it is built on."""
    from visuals.bench import report

    found = report(sections or [], each)
    if as_json:
        import json

        print(json.dumps(found))
        return
    from visuals.bench.table import show_report

    show_report(found, terminal())


@app.command()
def devices() -> None:
    """List sound inputs, MIDI ports and monitors."""
    from visuals.doctor import list_devices

    list_devices(terminal())


@app.command()
def doctor() -> None:
    """Say what this machine has, what it lacks, and the line that mends it; exit 3 if a show cannot play."""
    from visuals.doctor import examine

    if not examine(terminal()):
        raise typer.Exit(3)


class progress:  # noqa: N801 - reads as a verb at its use
    """A progress bar over `total` steps; calling what it gives with n sets it to n."""

    def __init__(self, title: str, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        console = terminal(stderr=True)
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task(title, total=total)

    def __enter__(self) -> Any:
        self._bar.start()
        return lambda n: self._bar.update(self._task, completed=n)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def main() -> None:
    """Run the command line: 0 done, 1 the input is wrong, 2 wrong usage, 3 something is missing."""
    try:
        app()
    except VisualsError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        # A path that cannot be read or written; anything else of the machine says as much of itself.
        print(f"{error.filename or 'visuals'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
