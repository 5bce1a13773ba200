"""The server of a site: this machine only, the site only."""

import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from benchmark.errors import EnvironmentProblem, UsageProblem
from leaderboards.board.serve import HOST, server


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    site = tmp_path / "site"
    (site / "data").mkdir(parents=True)
    (site / "index.html").write_text("the page")
    (site / "data" / "b0.js").write_text("a shard")
    (tmp_path / "secret.txt").write_text("secret")
    (site / "way-out.txt").symlink_to(tmp_path / "secret.txt")
    running = server(site, 0)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield running.server_address[1]
    running.shutdown()
    running.server_close()
    thread.join()


def get(port: int, path: str, host: str = "") -> tuple[int, str]:
    connection = HTTPConnection(HOST, port, timeout=10)
    connection.putrequest("GET", path, skip_host=True)
    connection.putheader("Host", host or f"localhost:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_files_of_the_site_are_shown(port: int) -> None:
    assert get(port, "/") == (200, "the page")
    assert get(port, "/index.html?x#y") == (200, "the page")
    assert get(port, "/data/b0.js") == (200, "a shard")


@pytest.mark.parametrize(
    "path",
    [
        "/data/",
        "/data",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/way-out.txt",
        "/none",
        "//etc/passwd",
        "/%00",
        "/" + "n" * 5000,
    ],
)
def test_nothing_else_is(path: str, port: int) -> None:
    status, text = get(port, path)
    assert status == 404
    assert "secret" not in text


@pytest.mark.parametrize(
    ("asked", "status", "text"),
    [
        ("bytes=0-", 206, "a shard"),
        ("bytes=2-", 206, "shard"),
        ("bytes=2-3", 206, "sh"),
        ("bytes=2-2", 206, "s"),
        ("bytes=5-999", 206, "rd"),
        ("bytes=7-", 416, None),
        ("bytes=5-3", 416, None),
        ("bytes=1-2,4-5", 200, "a shard"),
        ("lines=1-2", 200, "a shard"),
    ],
)
def test_a_video_can_be_read_from_any_place(
    asked: str, status: int, text: str | None, port: int
) -> None:
    """Browsers do not jump in a video that comes in one piece."""
    connection = HTTPConnection(HOST, port, timeout=10)
    connection.request("GET", "/data/b0.js", headers={"Range": asked})
    answer = connection.getresponse()
    content = answer.read().decode()
    assert answer.status == status
    if text is not None:
        assert content == text
        assert answer.getheader("Content-Type") == "text/javascript"
    if status == 206:
        first = int(asked[6:].split("-")[0])
        last = first + len(content) - 1
        assert answer.getheader("Content-Range") == f"bytes {first}-{last}/7"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example", "[", "[::1"]
)
def test_strangers_names_are_refused(host: str, port: int) -> None:
    status, _ = get(port, "/", host or " ")
    assert status == 403


def test_only_this_machine_is_answered(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    with server(tmp_path, 0) as running:
        assert running.server_address[0] == "127.0.0.1"
        with pytest.raises(EnvironmentProblem, match="cannot listen"):
            server(tmp_path, running.server_address[1])


def test_a_folder_without_a_board_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="holds no board"):
        server(tmp_path, 0)
