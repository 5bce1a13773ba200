import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.output import Capped, pump


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(0, 60), st.integers(1, 60))
def test_beginning_and_end_are_kept_and_the_rest_is_counted(
    pieces: list[bytes], head: int, tail: int
) -> None:
    written: list[bytes] = []
    capped = Capped(written.append, head, tail)
    for piece in pieces:
        capped.feed(piece)
    capped.close()
    whole, kept = b"".join(pieces), b"".join(written)
    if len(whole) <= head + tail:
        assert kept == whole
        return
    assert kept.startswith(whole[:head])
    assert kept.endswith(whole[-tail:])
    assert f"{len(whole) - head - tail:,} bytes are left out".encode() in kept


def test_a_gigabyte_in_little_memory_and_nothing_waits() -> None:
    code = "import sys; b = b'x' * (1 << 20)\nfor _ in range(64): sys.stdout.buffer.write(b)\n"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    kept: list[bytes] = []
    thread = pump(process.stdout, Capped(kept.append))
    assert process.wait(20) == 0
    thread.join(5)
    assert 1 << 20 < sum(map(len, kept)) < 2 << 20


def test_last_words_are_one_printable_line() -> None:
    capped = Capped(lambda _: None)
    capped.feed(b"50%|##\r100%|####\nValueError: no \x1b[31mface\xff\n\n  \n")
    assert capped.last_words == "ValueError: no  [31mface�"


TOP = "Traceback (most recent call last):\n  File x.py, line 1\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"{TOP}RuntimeError: CUDA error\nCompile with X\n",
            "RuntimeError: CUDA error Compile with X",
        ),
        (f"{TOP}KeyError: 1\n\nDuring that\n\n{TOP}ValueError: 2\n", "ValueError: 2"),
        (TOP, "File x.py, line 1"),
        ("one\ntwo\n\n", "two"),
    ],
)
def test_last_words_are_the_whole_message_of_the_last_traceback(text: str, said: str) -> None:
    capped = Capped(lambda piece: None)
    capped.feed(text.encode())
    assert capped.last_words == said
