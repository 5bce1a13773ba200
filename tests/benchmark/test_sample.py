from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import UsageProblem
from benchmark.splits import stats as statistics
from benchmark.splits.manifest import Case, Header, Split, read_manifest, write_manifest
from benchmark.splits.sample import sample, shares
from benchmark.splits.stats import lines, split_stats


def case(number: int, **changes: Any) -> Case:
    return Case.model_validate(
        {
            "id": f"c{number}",
            "protocol": "self" if number % 4 == 0 else "cross",
            "source": f"{number}.png",
            "driving": f"{number % 7}.mp4",
            "frames": (0, 10 + number % 3),
            "fps": "25",
            "size": (512, 512),
            "tags": (f"emotion={'happy' if number % 2 else 'sad'}", "no-face"),
            "sha256": {"source": "0" * 64, "driving": "1" * 64},
            **changes,
        }
    )


@pytest.fixture
def whole(tmp_path: Path) -> Split:
    words = dict.fromkeys(("version", "citation", "licence", "pairing", "crop", "fps"), "x")
    header = Header.model_validate({"dataset": "d", "split": "all", **words})
    write_manifest(tmp_path / "all.jsonl", header, (case(n) for n in range(200)))
    return read_manifest(tmp_path / "all.jsonl")


def test_a_sample_has_the_shares_of_the_whole(whole: Split) -> None:
    drawn = sample(whole, 40, 0, ("protocol", "emotion"), whole.root / "s.jsonl")
    assert len(drawn.cases) == 40
    found = Counter((c.protocol, c.tags[0]) for c in drawn.cases)
    assert found == {
        ("self", "emotion=sad"): 10,
        ("cross", "emotion=sad"): 10,
        ("cross", "emotion=happy"): 20,
    }
    order = [c.id for c in whole.cases]
    assert [order.index(c.id) for c in drawn.cases] == sorted(
        order.index(c.id) for c in drawn.cases
    )
    assert all(c in whole.cases for c in drawn.cases)


def test_a_sample_says_how_it_was_drawn(whole: Split) -> None:
    drawn = sample(whole, 5, 7, ("protocol",), whole.root / "s.jsonl")
    text = drawn.header.pairing
    assert "a sample of 5 of 200 cases of all" in text
    assert "'7/case id'" in text
    assert whole.sha256[:12] in text
    assert drawn.header.split == "s"
    assert drawn.sha256 != whole.sha256


def test_the_seed_decides_and_larger_samples_only_add(whole: Split) -> None:
    def ids(name: str, n: int, seed: int) -> set[str]:
        drawn = sample(whole, n, seed, (), whole.root / f"{name}.jsonl")
        return {c.id for c in drawn.cases}

    assert ids("a", 20, 0) == ids("b", 20, 0)
    assert ids("c", 20, 1) != ids("d", 20, 0)
    assert ids("e", 20, 0) < ids("f", 50, 0)
    assert len(ids("g", 200, 0)) == 200


@pytest.mark.parametrize("n", [0, -1, 201])
def test_numbers_that_cannot_be_drawn(whole: Split, n: int) -> None:
    with pytest.raises(UsageProblem, match="cannot draw"):
        sample(whole, n, 0, (), whole.root / "s.jsonl")


def test_a_sample_stays_beside_its_media_and_overwrites_nothing(whole: Split) -> None:
    with pytest.raises(UsageProblem, match="does not lie in"):
        sample(whole, 3, 0, (), whole.root.parent / "s.jsonl")
    with pytest.raises(UsageProblem, match="exists"):
        sample(whole, 3, 0, (), whole.root / "all.jsonl")


@given(
    sizes=st.dictionaries(st.tuples(st.text(max_size=3)), st.integers(1, 50), min_size=1),
    data=st.data(),
)
def test_shares_add_up_and_are_fair(sizes: dict[tuple[str], int], data: st.DataObject) -> None:
    total = sum(sizes.values())
    n = data.draw(st.integers(1, total))
    share = shares(Counter(sizes), n)
    assert sum(share.values()) == n
    for key, size in sizes.items():
        assert 0 <= share[key] <= size
        assert abs(share[key] - n * size / total) < 1


def test_counts(whole: Split) -> None:
    found = split_stats(whole)
    assert (found.cases, found.frames) == (200, sum(c.n_frames for c in whole.cases))
    assert found.counts["protocol"] == {"self": 50, "cross": 150}
    assert found.counts["emotion"] == {"happy": 100, "sad": 100}
    assert found.counts["no-face"] == {"yes": 200}
    assert set(found.lengths) == {10, 11, 12}
    text = "\n".join(lines(found))
    assert "emotion: sad (100), happy (100)" in text
    assert "frames a case: 10 to 12" in text


def test_tags_of_a_hostile_split_do_not_fill_the_memory(
    whole: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "_MOST_TAGS", 5)
    monkeypatch.setattr(statistics, "_MOST_KEYS", 8)
    cases = tuple(case(n, tags=(f"a={n}", f"k{n}=x")) for n in range(200))
    found = split_stats(Split(whole.header, cases, whole.root))
    assert len(found.counts) == 9
    assert found.counts["a"] == {"(others)": 195} | {str(n): 1 for n in range(5)}
    assert sum(found.counts["(other tags)"].values()) == 197


def test_at_most_so_many_clips_are_looked_at(whole: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "CLIPS", 3)
    looked: list[str] = []

    def read(path: Path) -> list[Any]:
        looked.append(path.name)
        return []

    monkeypatch.setattr(statistics, "read_frames", read)
    with pytest.raises(UsageProblem, match="no face in any"):
        split_stats(whole, lambda frame, most: [])
    assert len(looked) == len(set(looked)) == 3
