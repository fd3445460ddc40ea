from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.control.osc.space import space
from visuals.clock import monotonic, sleep
from visuals.control.osc.addresses import Space
from visuals.control.osc.query import READ_WITHIN_S, OscQuery, answer

STATE = space().state("dawn", None, {"master": 0.5, "dream.walk": 0.5})


@pytest.fixture
def query() -> Iterator[OscQuery]:
    with OscQuery(space(), lambda: STATE, lambda: 7000, "First Light", port=0) as server:
        yield server


def asked(query: OscQuery, target: str) -> tuple[int, Any]:
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{query.port}{target}", timeout=5) as reply:
            body = reply.read()
            assert reply.headers["Content-Type"] == "application/json"
            return reply.status, json.loads(body) if body else None
    except HTTPError as error:
        error.close()
        return error.code, None


def test_host_info_says_where_and_what(query: OscQuery) -> None:
    status, info = asked(query, "/?HOST_INFO")
    assert status == 200
    assert (info["NAME"], info["OSC_PORT"], info["OSC_TRANSPORT"]) == ("First Light", 7000, "UDP")
    assert info["EXTENSIONS"] == dict.fromkeys(["ACCESS", "VALUE", "RANGE", "CLIPMODE", "DESCRIPTION"], True)


def test_the_whole_tree_is_described(query: OscQuery) -> None:
    status, root = asked(query, "/")
    assert status == 200
    assert (root["FULL_PATH"], set(root["CONTENTS"])) == ("/", {"show", "composition"})

    def methods(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "TYPE" in node:
            yield node
        for under in node.get("CONTENTS", {}).values():
            yield from methods(under)

    found = {node["FULL_PATH"]: node for node in methods(root)}
    assert set(found) == set(space().addresses)
    assert all(len(node["RANGE"]) == len(node["TYPE"]) == 1 for node in found.values())


def test_a_level_a_choice_and_a_button(query: OscQuery) -> None:
    assert asked(query, "/show/control/dream/walk") == (
        200,
        {
            "FULL_PATH": "/show/control/dream/walk",
            "ACCESS": 3,
            "TYPE": "f",
            "RANGE": [{"MIN": 0, "MAX": 1}],
            "CLIPMODE": ["both"],
            "DESCRIPTION": "dream.walk, 0 to 2",
            "VALUE": [0.25],
        },
    )
    assert asked(query, "/show/scene/dawn?VALUE") == (200, {"VALUE": [1]})
    assert asked(query, "/show/go?ACCESS") == (200, {"ACCESS": 2})
    assert asked(query, "/show/go?TYPE") == (200, {"TYPE": "i"})
    assert asked(query, "/show/go?CONTENTS") == (200, {"CONTENTS": {}})
    assert list(asked(query, "/show/scene?CONTENTS")[1]["CONTENTS"]) == ["dawn", "inferno", "tide"]


def test_what_is_not_there(query: OscQuery) -> None:
    assert asked(query, "/show/nothing") == (404, None)
    assert asked(query, "/show/master/more") == (404, None)
    assert asked(query, "/show/go?VALUE") == (204, None)
    assert asked(query, "/show?TYPE") == (204, None)
    assert asked(query, "/show?COLOUR") == (400, None)


def test_no_target_raises() -> None:
    for target in ("", "?", "//", "http://[", "/%00", "/../../etc/passwd", "/show/scene/%64awn", "/" + "a/" * 5000):
        status, _ = answer(target, space(), STATE, {})
        assert status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}
    assert answer("/show/scene/%64awn", space(), STATE, {})[0] == HTTPStatus.OK


def test_nonsense_and_a_silent_client_do_not_end_it(query: OscQuery) -> None:
    with socket.create_connection(("127.0.0.1", query.port), 5) as client:
        client.sendall(b"\xff\xfe\r\n\r\n")
        client.recv(100)
    with socket.create_connection(("127.0.0.1", query.port), 5):
        began = monotonic()
        assert asked(query, "/?HOST_INFO")[0] == 200
        assert monotonic() - began < 4.0


def test_a_question_that_is_spelt_out_does_not_hold_up_the_next(query: OscQuery) -> None:
    with socket.create_connection(("127.0.0.1", query.port), 5) as slow:
        ended, began = threading.Event(), monotonic()

        def spell() -> None:
            with suppress(OSError):
                while not ended.wait(0.05):
                    slow.sendall(b"G")

        speller = threading.Thread(target=spell)
        speller.start()
        assert asked(query, "/?HOST_INFO")[0] == 200
        assert monotonic() - began < READ_WITHIN_S + 2.0
        ended.set()
        speller.join()


def test_a_large_show_is_described_without_holding_the_frame_loop_up() -> None:
    controls = {f"layer{n}.control{m}": (0.0, 1.0) for n in range(50) for m in range(40)}
    tree = Space([], [], controls, {}, [f"layer{n}" for n in range(50)])
    with OscQuery(tree, dict, lambda: 7000, "x", port=0) as query:
        found: list[Any] = []
        asking = threading.Thread(target=lambda: found.append(asked(query, "/")))
        asking.start()
        turns = 0
        while asking.is_alive():
            turns += 1
            sleep(0.001)
        asking.join()
        assert len(found[0][1]["CONTENTS"]["show"]["CONTENTS"]["control"]["CONTENTS"]) == 50
        assert turns > 10


def test_a_port_that_is_taken_is_served_when_it_is_free() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with OscQuery(space(), dict, lambda: 7000, "x", port=port) as query:
            assert query.port == 0
            other.close()
            deadline = monotonic() + 3.0
            while not query.port:
                assert monotonic() < deadline
                sleep(0.02)
            assert asked(query, "/show/go?TYPE")[0] == 200
