"""Showing a site in the browser of this machine; nobody else can reach it."""

import re
import sys
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from benchmark.errors import EnvironmentProblem, UsageProblem

HOST = "127.0.0.1"
_NAMES = {"127.0.0.1", "localhost"}
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?")


class _Part(BytesIO):
    """A stretch of a file: what a browser asks for to jump in a video."""

    def __init__(self, path: Path, start: int, length: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._file.seek(start)
        self._left = length

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes of the stretch."""
        most = self._left if size is None or size < 0 else min(size, self._left)
        data = self._file.read(most)
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class _Handler(SimpleHTTPRequestHandler):
    """Files of the site and nothing else."""

    extensions_map: dict[str, str] = {  # noqa: RUF012 - as the base class has it
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",  # the types of this machine may be others
        ".css": "text/css",
        ".mp4": "video/mp4",
        ".png": "image/png",
    }

    def send_head(self) -> BytesIO | BinaryIO | None:
        """Refuse strangers' host names (DNS rebinding), folders and what lies outside the site."""
        if _host(self.headers.get("Host", "")) not in _NAMES:
            self.send_error(403, "this server answers to its own machine")
            return None
        page = self._page()
        if page is None:
            self.send_error(404, "no such file")
            return None
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        return self._stretch(page, asked) if asked else super().send_head()

    def _page(self) -> Path | None:
        """Return the file that is asked for; ``None`` if the site has none of that name."""
        try:
            path = Path(self.translate_path(self.path))
            root = Path(self.directory).resolve()
            page = path / "index.html" if path.resolve() == root else path
            return page if page.resolve().is_relative_to(root) and page.is_file() else None
        except (OSError, ValueError):  # longer than names can be; a byte that no name has
            return None

    def _stretch(self, path: Path, asked: re.Match[str]) -> _Part | None:
        """Answer a request for bytes from a place on, to a place or to the end."""
        size, start = path.stat().st_size, int(asked[1])
        stop = min(int(asked[2] or size) + 1, size)
        if start >= stop:
            self.send_error(416, "there are no such bytes")
            return None
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{size}")
        self.send_header("Content-Length", str(stop - start))
        self.end_headers()
        return _Part(path, start, stop - start)

    def end_headers(self) -> None:
        """Keep browsers from guessing types and from framing the page."""
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say errors only."""
        if len(args) > 1 and str(args[1]) >= "400":
            print(f"{args[0]}: {args[1]}".encode("ascii", "replace").decode(), file=sys.stderr)


def _host(header: str) -> str | None:
    """Return the host name in a header; ``None`` if there is none."""
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None


def server(site: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a site on the loopback address, not yet running.

    Args:
        site: Folder that `leaderboards.board.site.build_site` wrote.
        port: 0 for any free one.

    Raises:
        UsageProblem: If the folder holds no board.
        EnvironmentProblem: If the port is taken.
    """
    if not (site / "index.html").is_file():
        raise UsageProblem(f"{site} holds no board", "bench leaderboard build makes one")
    try:
        return ThreadingHTTPServer((HOST, port), partial(_Handler, directory=str(site)))
    except (OSError, OverflowError) as error:
        raise EnvironmentProblem(
            f"cannot listen on {HOST}:{port}: {error}", "choose another --port"
        ) from None


def serve(site: Path, port: int, say: Callable[[str], None]) -> None:
    """Show a site until the user stops it; arguments as of `server`."""
    with server(site, port) as running:
        say(f"http://{HOST}:{running.server_address[1]}/ (stop with Ctrl-C)")
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            return
