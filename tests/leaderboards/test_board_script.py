"""Nothing from a run becomes code, markup or a property."""

import json

import pytest
from board_shop import EVIL
from hypothesis import given
from hypothesis import strategies as st

from leaderboards.board.script import literal, shard

TEXT = st.text() | st.sampled_from([EVIL, "</SCRIPT >", "<!--", "\u2028", "__proto__", "\\u003c"])
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(DATA)
def test_a_shard_is_ascii_without_markup_and_gives_its_data_back(data: object) -> None:
    script = shard("b0-c1", data)
    assert script.isascii()
    assert not set("<>&'`") & set(script)
    assert "\u2028" not in script
    assert script.count("\n") == 1
    start, end = 'Board.put("b0-c1",', ");\n"
    assert script.startswith(start)
    assert script.endswith(end)
    # A string literal of ours is JSON, too, and so it can be read back without a browser.
    assert json.loads(json.loads(script[len(start) : -len(end)])) == data


@given(TEXT)
def test_a_literal_is_one_string(text: str) -> None:
    assert json.loads(literal(text)) == text


@pytest.mark.parametrize("name", ['b0");alert(1);("', "", "B0", "b0-", "b0/../x", "b0\n"])
def test_names_of_shards_are_plain(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        shard(name, [])


def test_numbers_that_json_lacks_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        shard("b0", [float("nan")])
