"""What a method prints, kept within bounds: its beginning and its end."""

import os
from collections import deque
from collections.abc import Callable
from itertools import dropwhile
from threading import Thread
from typing import IO

HEAD_BYTES = 1 << 20
TAIL_BYTES = 1 << 16
_PIECE = 1 << 16


class Capped:
    """Passes on the first bytes of a stream and keeps the last; the middle is only counted.

    Args:
        write: Receives what is kept, as it comes and from `close`.
        head: Bytes passed on as they come.
        tail: Bytes remembered of what comes after them.
    """

    def __init__(
        self, write: Callable[[bytes], object], head: int = HEAD_BYTES, tail: int = TAIL_BYTES
    ) -> None:
        self._write = write
        self._left = head
        self._tail_size = tail
        self._tail: deque[bytes] = deque()
        self._held = 0
        self._dropped = 0
        self._recent = b""

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the stream."""
        self._recent = (self._recent + piece)[-_LAST_WORDS:]
        now, later = piece[: self._left], piece[self._left :]
        self._left -= len(now)
        if now:
            self._write(now)
        if not later:
            return
        self._tail.append(later)
        self._held += len(later)
        while self._held - len(self._tail[0]) >= self._tail_size:
            gone = len(self._tail.popleft())
            self._held -= gone
            self._dropped += gone

    def close(self) -> None:
        """Pass on the end of the stream, saying what is missing before it."""
        rest = b"".join(self._tail)
        end = rest[-self._tail_size :]
        dropped = self._dropped + len(rest) - len(end)
        if dropped:
            self._write(f"\n[... {dropped:,} bytes are left out here ...]\n".encode())
        if end:
            self._write(end)
        self._tail.clear()
        self._held = self._dropped = 0

    @property
    def last_words(self) -> str:
        """What a program that failed has to say for itself, in a line.

        The message of its last traceback, all lines of it: the first one says what went wrong.
        Else its last line that is not empty.
        """
        lines = self._recent.decode("utf-8", "replace").replace("\r", "\n").splitlines()
        said = [line for line in lines if line.strip()]
        text = " ".join(line.strip() for line in _last_message(said) or said[-1:])
        return "".join(c if c.isprintable() else " " for c in text)[:_LINE]


def _last_message(lines: list[str]) -> list[str]:
    """Return what stands below the last traceback, from the exception's name on."""
    begins = [i for i, line in enumerate(lines) if line.startswith("Traceback (most recent call")]
    below = lines[begins[-1] + 1 :] if begins else []
    return list(dropwhile(lambda line: line[0].isspace(), below))


_LAST_WORDS = 1 << 14
_LINE = 300


def pump(stream: IO[bytes], capped: Capped) -> Thread:
    """Drain ``stream`` into ``capped`` on a thread that ends with the stream."""

    def drain() -> None:
        try:
            while piece := os.read(stream.fileno(), _PIECE):
                capped.feed(piece)
        except (OSError, ValueError):  # closed under us, by a stop
            pass
        finally:
            capped.close()

    thread = Thread(target=drain, daemon=True)
    thread.start()
    return thread
