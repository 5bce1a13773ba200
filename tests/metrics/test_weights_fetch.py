"""Fetching over a loopback server: the right file arrives, anything else leaves nothing behind."""

import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from test_weights import CONTENT, SMALL

from metrics import weights_fetch
from metrics.weights import Weights, WeightsError
from metrics.weights_fetch import bring, fetch

PAGE = b"\n<!DOCTYPE html><title>Sign in</title>" * 900


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return packed.getvalue()


def lying_about_its_size(content: bytes, said: int) -> bytes:
    """An archive whose headers state another size of its only member than it has."""
    packed = bytearray(archive({"small.bin": content}))
    true = len(content).to_bytes(4, "little")
    for _ in range(2):  # the local header and the directory
        at = packed.index(true)
        packed[at : at + 4] = said.to_bytes(4, "little")
    return bytes(packed)


def locked(content: bytes) -> bytes:
    """An archive that says of its only member that a password is needed."""
    packed = bytearray(archive({"small.bin": content}))
    packed[6] |= 1
    packed[packed.index(b"PK\1\2") + 8] |= 1
    return bytes(packed)


GOOD_ZIP = archive({"small.bin": CONTENT, "../evil.bin": b"x", "second.bin": CONTENT[::-1]})
ANSWERS: dict[str, bytes] = {
    "/right": CONTENT,
    "/page": PAGE[: len(CONTENT) - 1],
    "/long-page": PAGE + CONTENT,
    "/other": CONTENT[:-1] + b"x",
    "/endless": CONTENT * 500,
    "/short": CONTENT[:100],
    "/empty": b"",
    "/zip": GOOD_ZIP,
    "/zip-without": archive({"other.bin": CONTENT}),
    "/zip-wrong": archive({"small.bin": CONTENT[:-1] + b"x"}),
    "/zip-bomb": archive({"small.bin": bytes(50_000_000)}),
    "/zip-lying": lying_about_its_size(bytes(5_000_000), len(CONTENT)),
    "/zip-damaged": GOOD_ZIP[:60] + b"\0\0\0\0" + GOOD_ZIP[64:],
    "/zip-locked": locked(CONTENT),
    "/zip-no-zip": CONTENT[:500],
    "/zip-lzma": archive({"small.bin": CONTENT}, zipfile.ZIP_LZMA),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/right")
            self.end_headers()
            return
        body = CONTENT[:100] if self.path == "/broken-off" else ANSWERS.get(self.path)
        self.send_response(404 if body is None else 200)
        if self.path == "/broken-off":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def in_zip(url: str, size: int) -> Weights:
    return replace(SMALL, url=url, member="small.bin", archive_bytes=size)


def test_fetch_verifies_and_names_the_file_last(address: str, tmp_path: Path) -> None:
    seen: list[int] = []
    path = fetch(replace(SMALL, url=f"{address}/right"), tmp_path / "new", seen.append)
    assert path.read_bytes() == CONTENT
    assert sum(seen) == len(CONTENT)
    assert [p.name for p in path.parent.iterdir()] == ["small.bin"]
    assert path.stat().st_mode & 0o444 == 0o444


def test_a_redirect_is_followed(address: str, tmp_path: Path) -> None:
    assert fetch(replace(SMALL, url=f"{address}/moved"), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ("page", "a web page instead of 23,000"),
        ("long-page", "a web page instead of 23,000"),
        ("other", "other content of the same size"),
        ("endless", "more bytes instead of 23,000"),
        ("short", "only 100 bytes instead of 23,000"),
        ("broken-off", "only 100 bytes instead of 23,000"),
        ("empty", "only 0 bytes instead of 23,000"),
    ],
)
def test_anything_else_is_refused_and_leaves_nothing(
    address: str, tmp_path: Path, answer: str, what: str
) -> None:
    (tmp_path / "small.bin").write_bytes(b"was here before")
    with pytest.raises(WeightsError) as caught:
        fetch(replace(SMALL, url=f"{address}/{answer}"), tmp_path)
    assert what in caught.value.problem
    assert "bench weights fetch small --from FILE" in caught.value.remedy
    assert [p.name for p in tmp_path.iterdir()] == ["small.bin"]
    assert (tmp_path / "small.bin").read_bytes() == b"was here before"


def test_an_endless_answer_is_stopped_early(address: str, tmp_path: Path) -> None:
    seen: list[int] = []
    with pytest.raises(WeightsError):
        fetch(replace(SMALL, url=f"{address}/endless"), tmp_path, seen.append)
    assert sum(seen) <= len(CONTENT)


def test_unreachable_and_missing_addresses_say_so(address: str, tmp_path: Path) -> None:
    for url in (f"{address}/nothing", "http://127.0.0.1:9/none"):
        with pytest.raises(WeightsError, match="cannot fetch"):
            fetch(replace(SMALL, url=url), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_says_so(address: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WeightsError, match="cannot write to"):
        fetch(replace(SMALL, url=f"{address}/right"), tmp_path / "file" / "below")


def test_only_registered_members_of_an_archive_are_kept(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = in_zip(f"{address}/zip", len(GOOD_ZIP))
    digest = hashlib.sha256(CONTENT[::-1]).hexdigest()
    second = replace(first, name="second", file="two.bin", member="second.bin", sha256=digest)
    monkeypatch.setattr(weights_fetch, "registry", lambda: {"small": first, "second": second})
    assert fetch(first, tmp_path / "in").read_bytes() == CONTENT
    assert sorted(p.name for p in (tmp_path / "in").iterdir()) == ["small.bin", "two.bin"]
    assert [p.name for p in tmp_path.iterdir()] == ["in"]  # ../evil.bin is nowhere


def test_another_file_of_the_archive_that_is_there_is_left_alone(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = in_zip(f"{address}/zip", len(GOOD_ZIP))
    second = replace(first, name="second", file="two.bin", member="second.bin")
    monkeypatch.setattr(weights_fetch, "registry", lambda: {"small": first, "second": second})
    (tmp_path / "two.bin").write_bytes(b"the user's")
    fetch(first, tmp_path)
    assert (tmp_path / "two.bin").read_bytes() == b"the user's"


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ("zip-without", "it has no small.bin"),
        ("zip-wrong", "its sha256 differs"),
        ("zip-bomb", "has 50,000,000 bytes instead of 23,000"),
        ("zip-lying", "a damaged one"),  # what comes out is cut, and its checksum is wrong
        ("zip-damaged", "it is no zip archive, or a damaged one"),
        ("zip-locked", "cannot be read (compression or password)"),
        ("zip-no-zip", "it is no zip archive, or a damaged one"),
    ],
)
def test_hostile_archives_are_refused_and_leave_nothing(
    address: str, tmp_path: Path, answer: str, what: str
) -> None:
    served = ANSWERS[f"/{answer}"]
    with pytest.raises(WeightsError) as caught:
        fetch(in_zip(f"{address}/{answer}", len(served)), tmp_path)
    assert what in caught.value.problem
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_is_cut_off_is_not_opened(address: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="served something else"):
        fetch(in_zip(f"{address}/zip", len(GOOD_ZIP) + 1), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_any_compression_that_can_be_read_is(address: str, tmp_path: Path) -> None:
    served = ANSWERS["/zip-lzma"]
    assert fetch(in_zip(f"{address}/zip-lzma", len(served)), tmp_path).read_bytes() == CONTENT


def test_a_file_of_the_users_is_brought(tmp_path: Path) -> None:
    own, packed, folder = tmp_path / "x.bin", tmp_path / "x.zip", tmp_path / "weights"
    own.write_bytes(CONTENT)
    packed.write_bytes(GOOD_ZIP)
    assert bring(SMALL, own, folder) == folder / "small.bin"
    assert bring(in_zip("http://127.0.0.1:9/z", 1), packed, folder).read_bytes() == CONTENT
    assert bring(in_zip("http://127.0.0.1:9/z", 1), own, folder).read_bytes() == CONTENT
    assert own.read_bytes() == CONTENT
    assert [p.name for p in folder.iterdir()] == ["small.bin"]


def test_another_file_of_the_users_is_not(tmp_path: Path) -> None:
    own = tmp_path / "x.bin"
    own.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(WeightsError, match="is not the registered") as caught:
        bring(SMALL, own, tmp_path / "weights")
    assert "delete" not in caught.value.remedy
    assert own.exists()
    with pytest.raises(WeightsError, match="there is no file"):
        bring(SMALL, tmp_path / "nothing", tmp_path / "weights")
    assert not (tmp_path / "weights").exists()
