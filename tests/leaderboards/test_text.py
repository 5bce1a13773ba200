"""Lines from outside: printable, and without the places of the machine they were made on."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboards.text import clean, placeless

NAMES = st.text("abcxyz019._-", min_size=1, max_size=8).filter(lambda n: set(n) != {"."})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no dataset folder at /home/me/data", "no dataset folder at data"),
        ('exit 1: File "/home/me/infer.py", line 3', 'exit 1: File "infer.py", line 3'),
        ("weights=/home/me/w.pt", "weights=w.pt"),
        ("~/models/w.pt is missing", "w.pt is missing"),
        ("see https://a.org/b/c/d", "see https://a.org/b/c/d"),
        ("3/4/5 swaps/clip and/or runs/a/b", "3/4/5 swaps/clip and/or runs/a/b"),
    ],
)
def test_known_answers(text: str, said: str) -> None:
    assert placeless(text) == said


@given(st.lists(NAMES, min_size=2, max_size=5), st.sampled_from(["", "at ", "x=", "('", "< "]))
def test_no_folder_of_a_path_is_left(names: list[str], before: str) -> None:
    said = placeless(f"{before}/{'/'.join(names)}")
    assert said == clean(f"{before}{names[-1]}")
    assert not re.search(r"/\w", said)


@given(st.text(max_size=40).filter(lambda text: "/" not in text))
def test_other_text_is_only_cleaned(text: str) -> None:
    assert placeless(text) == clean(text)
