"""Names that people mistype: what is meant, and where the others are."""

import pytest

from benchmark.errors import UsageProblem
from benchmark.names import resolve

FEW = ["pear", "plum", "Quince"]
MANY = [f"fruit{i:02}" for i in range(30)] + ["liveportrait", "fasterliveportrait", "xportrait"]


def remedy(name: str, known: list[str], listing: str = "") -> str:
    with pytest.raises(UsageProblem, match=f"unknown fruit '{name}'") as caught:
        resolve(name, known, "fruit", listing)
    return caught.value.remedy


def test_a_known_name_is_itself() -> None:
    assert [resolve(name, MANY, "fruit") for name in MANY] == MANY


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("paer", "did you mean 'pear'?  known: pear, plum, Quince"),
        ("QUINCE", "did you mean 'Quince'?  known: pear, plum, Quince"),
        ("PLUMB", "did you mean 'plum'?  known: pear, plum, Quince"),
        ("xyz", "known: pear, plum, Quince"),
    ],
)
def test_few_names_are_all_said(name: str, said: str) -> None:
    assert remedy(name, FEW) == said


def test_nothing_to_choose_from_is_said() -> None:
    assert remedy("pear", []) == "known: none"


def test_of_many_names_only_the_nearest_are_said() -> None:
    said = remedy("LivPortrait", MANY, "bench fruit list")
    assert said.splitlines() == [
        "did you mean 'liveportrait'?  or xportrait, fasterliveportrait",
        "all 33: bench fruit list",
    ]
    assert remedy("LivPortrait", MANY).count("\n") == 0
    assert remedy("zzz", MANY, "bench fruit list") == "all 33: bench fruit list"
    assert remedy("zzz", MANY) == f"there are 33: {', '.join(MANY[:12])} ..."


def test_an_error_stays_short() -> None:
    lines = remedy(
        "fruit" + "x" * 40, [f"fruit{'x' * 40}{i}" for i in range(500)], "bench list"
    ).splitlines()
    assert len(lines) == 2
    assert len(lines[0]) < 250
