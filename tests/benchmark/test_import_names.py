import os
import re
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import UsageProblem
from benchmark.names import printable
from benchmark.splits.case import Case, Origin
from benchmark.splits.layouts import Ask
from benchmark.splits.layouts.portrait_folder import read
from benchmark.splits.originals import slugged
from benchmark.splits.pairing import NO_FACE, Clip, Pairing, Still, make_cases

NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=60).filter(
    lambda name: name not in {".", ".."}
)


def tree(root: Path, *files: str) -> Path:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


@given(names=st.lists(NAMES, max_size=12, unique=True))
def test_slugs_are_safe_and_unique_even_where_case_is_ignored(names: list[str]) -> None:
    slugs = slugged(names)
    assert set(slugs) == set(names)
    for slug in slugs.values():
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,55}", slug)
        assert re.match(r"[A-Za-z0-9]", slug)
    assert len({slug.casefold() for slug in slugs.values()}) == len(names)


@given(names=st.lists(NAMES, max_size=8, unique=True), data=st.data())
def test_slugs_do_not_depend_on_the_order(names: list[str], data: st.DataObject) -> None:
    assert slugged(data.draw(st.permutations(names))) == slugged(names)


def test_plain_names_stay_as_they_are() -> None:
    assert slugged(["lp_d0.mp4", "built-trio.jpg"]) == {
        "lp_d0.mp4": "lp_d0",
        "built-trio.jpg": "built-trio",
    }


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("my face.png", "my-face-"),
        ("Müller.png", "Muller-"),
        ("名前.png", "file-"),
        ("a'b\"c#d.png", "a-b-c-d-"),
        ("new\nline.png", "new-line-"),
        ("v1.2.png", "v1-2-"),
        ("-dash.png", "dash-"),
        ("x" * 200 + ".png", "x" * 48 + "-"),
        (os.fsdecode(b"bad\xff.png"), "bad-"),
    ],
)
def test_names_that_lose_something_carry_a_hash(name: str, start: str) -> None:
    slug = slugged([name])[name]
    assert re.fullmatch(re.escape(start) + "[0-9a-f]{6}", slug)


def test_names_that_differ_by_ending_or_case_or_accents_are_told_apart() -> None:
    composed, split = "é.png", unicodedata.normalize("NFD", "é.png")
    names = ["a.png", "a.jpg", "A.png", composed, split]
    slugs = slugged(names)
    assert len({slug.lower() for slug in slugs.values()}) == 5
    assert slugs["a.png"] != "a"


def test_names_made_to_clash_are_refused() -> None:
    taken = slugged(["a.png", "a.jpg"])["a.png"]
    with pytest.raises(UsageProblem, match="cannot be told apart"):
        slugged(["a.png", "a.jpg", f"{taken}.gif"])


@given(name=NAMES)
def test_printable_names_are_printable(name: str) -> None:
    assert printable(name).isprintable()
    printable(name).encode()


def test_a_folder_is_listed_by_slug_with_what_is_left_out(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        "manifest.csv",
        ".git/config",
        "notes/readme.txt",
        "portraits/single/b.PNG",
        "portraits/single/a.jpeg",
        "portraits/single/notes.txt",
        "portraits/single/.DS_Store",
        "portraits/single/.hidden.png",
        "portraits/single/deeper/x.png",
        "portraits/single/clip.mp4",
        "portraits/others/x.png",
        "portraits/multi/two.png",
        "driving/single/z.mp4",
        "driving/single/y.MOV",
        "driving/single/list.m3u8",
        "driving/stray.mp4",
    )
    (root / "driving/single/folder.mp4").mkdir()
    os.mkfifo(root / "driving/single/pipe.mp4")
    found = read(root, Ask())
    assert list(found.groups) == ["single"]
    assert [o.slug for o in found.groups["single"].portraits] == ["a", "b"]
    assert [o.slug for o in found.groups["single"].driving] == ["y", "z"]
    assert [line.split(":")[0] for line in found.skipped] == [
        "portraits/others",
        "driving/stray.mp4",
        "portraits/single/.DS_Store",
        "portraits/single/.hidden.png",
        "portraits/single/clip.mp4",
        "portraits/single/deeper",
        "portraits/single/notes.txt",
        "driving/single/folder.mp4",
        "driving/single/list.m3u8",
        "driving/single/pipe.mp4",
        "portraits/multi",
    ]


def test_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    tree(tmp_path / "empty", "portraits/single/a.png")
    for root, says in (
        (tmp_path / "missing", "no folder at"),
        (tmp_path / "file", "no folder at"),
        (tmp_path, "has no driving clips"),
        (tmp_path / "empty", "has no driving clips"),
    ):
        with pytest.raises(UsageProblem, match=says) as caught:
            read(root, Ask())
        assert "driving/single" in caught.value.remedy


def still(name: str, faces: int = 1) -> Still:
    origin = Origin(name=f"{name}.png")
    return Still(f"{name}.png", name, f"media/{name}.png", "0" * 64, (512, 512), faces, origin)


def clip(name: str, people: int = 1, first: int | None = None) -> Clip:
    return Clip(
        name=f"{name}.mp4",
        slug=name,
        file=f"media/{name}.mp4",
        sha256="1" * 64,
        n_frames=10,
        fps=Fraction(25),
        people=people,
        has_face=people > 0,
        first=still(f"{name}-first", people if first is None else first),
    )


STILLS = [still(f"p{i}") for i in range(9)]
CLIPS = [clip(f"d{i}") for i in range(5)]


def drawn(clips: list[Clip], stills: list[Still], k: int = 3, seed: int = 0) -> list[Case]:
    return make_cases(clips, stills, Pairing(portraits_per_clip=k, seed=seed))


def ids(clips: list[Clip], stills: list[Still], k: int = 3, seed: int = 0) -> set[str]:
    return {case.id for case in drawn(clips, stills, k, seed)}


@pytest.mark.parametrize("k", [0, 1, 3, 9, 20])
def test_every_clip_has_one_self_case_and_k_cross_cases(k: int) -> None:
    cases = drawn(CLIPS, STILLS, k, 0)
    for item in CLIPS:
        own = [case for case in cases if case.driving == item.file]
        assert [case.protocol for case in own] == ["self"] + ["cross"] * min(k, 9)
        assert own[0].source == item.first.file
        assert len({case.source for case in own}) == len(own)
    assert len({case.id for case in cases}) == len(cases)


def test_more_portraits_per_clip_only_add() -> None:
    assert ids(CLIPS, STILLS, 2) < ids(CLIPS, STILLS, 3)


def test_the_draw_depends_on_the_seed_and_on_nothing_else() -> None:
    base = ids(CLIPS, STILLS)
    assert ids(CLIPS[::-1], STILLS[::-1]) == base
    assert ids(CLIPS, STILLS, seed=1) != base
    assert {i for i in base if i.endswith("d2")} == ids([CLIPS[2]], STILLS)


def test_a_portrait_that_is_not_drawn_changes_nothing() -> None:
    base = ids(CLIPS[:1], STILLS)
    used = {case.source for case in drawn(CLIPS[:1], STILLS, 3, 0)}
    others = [s for s in STILLS if s.file in used or s.slug == "p0"]
    assert ids(CLIPS[:1], others) == base


def test_the_draw_is_known() -> None:
    """sha256 of 'seed/clip name/portrait name': recomputed by hand, so it cannot drift."""
    import hashlib

    def rank(name: str) -> str:
        return hashlib.sha256(f"7/d0.mp4/{name}.png".encode()).hexdigest()

    expected = sorted((s.slug for s in STILLS), key=rank)[:3]
    cases = drawn(CLIPS[:1], STILLS, 3, 7)[1:]
    assert [case.id for case in cases] == [f"{slug}+d0" for slug in expected]


def test_draws_spread_over_the_portraits() -> None:
    many = [clip(f"c{i}") for i in range(200)]
    used = [case.source for case in drawn(many, STILLS, 1, 0) if case.protocol == "cross"]
    assert all(10 <= used.count(s.file) <= 40 for s in STILLS)


@pytest.mark.parametrize(
    ("faces", "people", "pairs"),
    [(3, 2, 2), (2, 3, 2), (2, 2, 2), (1, 4, 1), (0, 2, 1), (2, 0, 1), (0, 0, 1)],
)
def test_people_are_paired_from_the_left(faces: int, people: int, pairs: int) -> None:
    own, cross = drawn([clip("d", people)], [still("p", faces)], 1, 0)
    assert [(p.source, p.driving) for p in cross.pairs] == [(i, i) for i in range(pairs)]
    assert (NO_FACE in cross.tags) == (faces == 0 or people == 0)
    assert len(own.pairs) == max(1, people)


def test_a_self_case_without_a_face_in_its_first_frame_is_tagged() -> None:
    own, cross = drawn([clip("d", 1, first=0)], [still("p")], 1, 0)
    assert NO_FACE in own.tags
    assert NO_FACE not in cross.tags


def test_original_names_are_kept_as_tags() -> None:
    own, cross = drawn([clip("d")], [still("p")], 1, 0)
    assert own.tags == ("driving=d.mp4",)
    assert cross.tags == ("driving=d.mp4", "portrait=p.png")
