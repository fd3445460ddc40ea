"""OSCQuery: the tree of addresses as JSON over HTTP, so that controllers build their pages from it.

Read only. A thread of its own, one question at a time. Source: OSCQuery proposal (Vidvox, 2018): core functionality
and optional attributes; its websocket part is optional and not served.
"""

from __future__ import annotations

import io
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from itertools import chain
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from visuals.clock import monotonic
from visuals.control.osc.addresses import Kind, Node, Space
from visuals.control.ports import RETRY_S, Turn

ATTRIBUTES: dict[str, str] = {
    "FULL_PATH": "the address",
    "CONTENTS": "what is under it, by name",
    "TYPE": "OSC type tags",
    "ACCESS": "0 none, 1 read, 2 write, 3 both",
    "VALUE": "one per type tag",
    "RANGE": "MIN and MAX, one per type tag",
    "CLIPMODE": "what happens beyond the range",
    "DESCRIPTION": "in words",
}
"""Attribute -> what stands in it; the first three are required, the others EXTENSIONS of HOST_INFO."""

REQUIRED = 3
READ, WRITE = 1, 2

TYPES: dict[Kind, str] = {"level": "f", "choice": "i", "button": "i"}

READ_WITHIN_S = 2.0
"""A client whose question takes longer is sent away: the next one waits behind it."""

logger = logging.getLogger(__name__)


def description(path: str, node: Node, state: Mapping[str, float]) -> Iterator[str]:
    """A node and all under it, with the present values, as JSON in small pieces."""
    yield json.dumps(own(path, node, state))[:-1]  # the object is still open
    if node.under:
        yield ', "CONTENTS": '
        yield from contents(path, node, state)
    yield "}"


def contents(path: str, node: Node, state: Mapping[str, float]) -> Iterator[str]:
    """What is under a node, by name."""
    before = "{"
    for name, under in node.under.items():
        yield f"{before}{json.dumps(name)}: "
        yield from description(f"{path}/{name}", under, state)
        before = ", "
    yield "}" if node.under else "{}"


def own(path: str, node: Node, state: Mapping[str, float]) -> dict[str, Any]:
    """All attributes of a node besides its contents."""
    found: dict[str, Any] = {"FULL_PATH": path or "/", "ACCESS": 0}
    if (address := node.address) is None:
        return found
    found |= {
        "TYPE": TYPES[address.kind],
        "ACCESS": WRITE | READ if address.readable else WRITE,
        "RANGE": [{"MIN": 0, "MAX": 1}],
        "CLIPMODE": ["both"],
        "DESCRIPTION": address.what,
    }
    if address.readable and address.event in state:
        value = state[address.event]
        found["VALUE"] = [value if address.kind == "level" else int(value)]
    return found


def host_info(name: str, port: int) -> dict[str, Any]:
    """Where the addresses are served, and which attributes there are."""
    return {
        "NAME": name,
        "OSC_PORT": port,
        "OSC_TRANSPORT": "UDP",
        "EXTENSIONS": dict.fromkeys([*ATTRIBUTES][REQUIRED:], True),
    }


def answer(
    target: str, space: Space, state: Mapping[str, float], info: Mapping[str, Any]
) -> tuple[HTTPStatus, Iterable[str]]:
    """Status and JSON for the target of a GET, such as `/show/master?VALUE`."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return HTTPStatus.BAD_REQUEST, ()
    attribute = parts.query.partition("=")[0]
    if attribute == "HOST_INFO":
        return HTTPStatus.OK, (json.dumps(info),)
    if attribute and attribute not in ATTRIBUTES:
        return HTTPStatus.BAD_REQUEST, ()
    path = unquote(parts.path).strip("/")
    node = space.root
    for part in path.split("/") if path else ():
        if part not in node.under:
            return HTTPStatus.NOT_FOUND, ()
        node = node.under[part]
    path = "/" + path if path else ""
    if not attribute:
        return HTTPStatus.OK, description(path, node, state)
    if attribute == "CONTENTS":
        return HTTPStatus.OK, chain(('{"CONTENTS": ',), contents(path, node, state), "}")
    found = own(path, node, state)
    if attribute not in found:
        return HTTPStatus.NO_CONTENT, ()
    return HTTPStatus.OK, (json.dumps({attribute: found[attribute]}),)


def unhurried(pieces: Iterable[str]) -> bytes:
    """All of an answer, made in turns with the frame loop."""
    turn, made = Turn(), list[str]()
    for piece in pieces:
        made.append(piece)
        turn.rest()
    return "".join(made).encode()


class OscQuery:
    """Serves the description of `space`, for as long as it is entered, and tries again where the port is taken.

    `state` gives the present values, `osc_port` the port the addresses are served at. Port 0 takes any.
    """

    def __init__(
        self,
        space: Space,
        state: Callable[[], Mapping[str, float]],
        osc_port: Callable[[], int],
        name: str,
        host: str = "127.0.0.1",
        port: int = 7080,
    ) -> None:
        self._space, self._state, self._osc_port, self._name = space, state, osc_port, name
        self._address = (host, port)
        self._server: _Server | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oscquery", daemon=True)

    @property
    def port(self) -> int:
        """The port that is served; 0 while there is none."""
        return 0 if self._server is None else int(self._server.server_address[1])

    def take(self, space: Space) -> None:
        """Describe the addresses of an edited show."""
        self._space = space

    def __enter__(self) -> Self:
        self._open()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(2.0 * READ_WITHIN_S)
        if self._server is not None:
            self._server.server_close()

    def _run(self) -> None:
        while not self._ending.is_set():
            if self._server is None and not self._open():
                self._ending.wait(RETRY_S)
            elif self._server is not None:
                self._server.handle_request()

    def _open(self) -> bool:
        try:
            self._server = _Server(self._address, self._handler())
        except OSError as error:
            logger.debug("OSCQuery cannot be served at %s:%d: %s", *self._address, error)
            return False
        self._server.timeout = 0.1
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        def answered(target: str) -> tuple[HTTPStatus, Iterable[str]]:
            return answer(target, self._space, self._state(), host_info(self._name, self._osc_port()))

        class Handler(_Handler):
            ask = staticmethod(answered)

        return Handler


class _Server(TCPServer):
    """Not http.server's own, which asks the network for its name when it opens."""

    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        logger.debug("a question of %s was not answered", client_address, exc_info=True)


class _Question(io.RawIOBase):
    """What a client sends, for READ_WITHIN_S in all: one that spells its question out is no better than a silent
    one."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._ends = connection, monotonic() + READ_WITHIN_S

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        left = self._ends - monotonic()
        if left <= 0.0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    """One GET per connection."""

    ask: Callable[[str], tuple[HTTPStatus, Iterable[str]]]

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Question(self.connection))

    def do_GET(self) -> None:
        status, pieces = type(self).ask(self.path)
        body = unhurried(pieces)
        self.connection.settimeout(READ_WITHIN_S)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        logger.debug(format, *args)
