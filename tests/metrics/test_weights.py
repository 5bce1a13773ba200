import hashlib
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from metrics.weights import Weights, WeightsError, fetch, find, registry

CONTENT = b"a small file of weights" * 1000
ANSWERS: dict[str, bytes] = {
    "/right": CONTENT,
    "/html": b"<html>please log in</html>",
    "/other": CONTENT[:-1] + b"x",
    "/endless": CONTENT * 500,
    "/short": CONTENT[:100],
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = ANSWERS.get(self.path)
        self.send_response(200 if body else 404)
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def weights(url: str) -> Weights:
    return Weights(
        name="small",
        file="small.bin",
        url=url,
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        bytes=len(CONTENT),
        licence="Apache-2.0",
        auto=True,
        used_by="tests",
    )


def test_fetch_verifies_and_names_the_file_last(address: str, tmp_path: Path) -> None:
    seen: list[int] = []
    path = fetch(weights(f"{address}/right"), tmp_path / "new", seen.append)
    assert path.read_bytes() == CONTENT
    assert sum(seen) == len(CONTENT)
    assert [p.name for p in path.parent.iterdir()] == ["small.bin"]


@pytest.mark.parametrize("answer", ["html", "other", "endless", "short"])
def test_anything_else_is_refused_and_leaves_nothing(
    address: str, tmp_path: Path, answer: str
) -> None:
    with pytest.raises(WeightsError, match="served something else"):
        fetch(weights(f"{address}/{answer}"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_unreachable_and_missing_addresses_say_so(address: str, tmp_path: Path) -> None:
    for url in (f"{address}/nothing", "http://127.0.0.1:9/none"):
        with pytest.raises(WeightsError, match="cannot fetch"):
            fetch(weights(url), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_find_takes_only_the_right_content(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir(), second.mkdir()
    item = weights("http://127.0.0.1:9/none")
    assert find(item, [first, second]) is None
    (second / "small.bin").write_bytes(CONTENT)
    assert find(item, [first, second]) == second / "small.bin"
    (first / "small.bin").write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsError, match="is not the registered"):
        find(item, [first, second])
    assert find(replace(item, file="other.bin"), [first, second]) is None


def test_the_registry_is_complete() -> None:
    for name, item in registry().items():
        assert item.name == name
        assert item.url.startswith("https://") or "==" in item.pypi
        assert len(item.sha256) == 64
        assert item.bytes > 0
        assert item.licence
        assert item.used_by
    assert [w.name for w in registry().values() if w.auto] == [
        "face_landmarker",
        "embedded_face_detector",  # and where that is not to be had:
        "embedded_face_mesh",
        "embedded_face_iris",
    ]
