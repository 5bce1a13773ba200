"""``bench weights`` as a user types it."""

import json
from pathlib import Path

import pytest
from in_process import Done, bench

from metrics.weights import registry


@pytest.fixture
def user(tmp_path: Path) -> dict[str, str]:
    """Variables of a user without weights and without a network."""
    return {
        "BENCH_CACHE": str(tmp_path / "cache"),
        "BENCH_WEIGHTS": str(tmp_path / "weights"),
        "XDG_DATA_HOME": str(tmp_path / "user"),
        "BENCH_OFFLINE": "1",
    }


def weights(user: dict[str, str], *arguments: str | Path) -> Done:
    return bench("weights", *arguments, **user)


def test_list_fits_80_columns_and_is_data_for_programs(
    user: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "emonet_8.pth").write_bytes(b"<html>")
    done = weights(user, "list")
    assert done.returncode == 0
    table, _, notes = done.stdout.partition("\n\n")
    assert all(len(line) <= 80 for line in table.splitlines())
    assert all(f"\n{name} " in table for name in registry())
    assert "wrong: " in notes
    assert "* insightface: The insightface models are for non-commercial research" in notes
    rows = {
        row["name"]: row for row in json.loads(weights(user, "list", "--format", "json").stdout)
    }
    assert list(rows) == list(registry())
    assert rows["emonet_8"]["here"] == "wrong"
    assert rows["inception"]["here"] == "absent"
    assert rows["inception"]["used_by"] == ["fid", "kid"]
    assert not rows["arcface_r50"]["licence_accepted"]


def test_a_wrong_file_ends_verify_with_4(user: dict[str, str], tmp_path: Path) -> None:
    assert weights(user, "verify").returncode == 0
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "det_10g.onnx").write_bytes(b"cut off")
    done = weights(user, "verify", "scrfd_10g", "inception")
    assert done.returncode == 4
    assert "7 bytes instead of 16,923,827" in done.stdout
    assert "inception: not here" in done.stdout


def test_fetch_asks_for_the_licence_first_and_remembers(user: dict[str, str]) -> None:
    refused = weights(user, "fetch", "scrfd_10g")
    assert refused.returncode == 4
    assert "scrfd_10g needs its licence accepted: The insightface models" in refused.stderr
    assert "bench weights fetch scrfd_10g --accept-licence insightface" in refused.stderr
    accepted = weights(user, "fetch", "scrfd_10g", "--accept-licence", "insightface")
    assert "licence insightface accepted: The insightface models" in accepted.stderr
    assert accepted.returncode == 4
    assert "BENCH_OFFLINE forbids fetching scrfd_10g" in accepted.stderr
    again = weights(user, "fetch", "arcface_r50")
    assert "licence" not in again.stderr
    assert "BENCH_OFFLINE forbids fetching arcface_r50" in again.stderr


def test_fetch_all_says_of_each_why_not(user: dict[str, str]) -> None:
    done = weights(user, "fetch", "--all")
    assert done.returncode == 4
    for name in registry():
        assert f"fetching {name}" in done.stderr or f"{name} needs its licence" in done.stderr


def test_a_file_is_brought_or_refused(
    user: dict[str, str], face_model: Path, tmp_path: Path
) -> None:
    brought = weights(user, "fetch", "face_landmarker", "--from", face_model)
    assert brought.returncode == 0
    assert (tmp_path / "cache" / "weights" / "face_landmarker.task").is_file()
    assert weights(user, "verify", "face_landmarker").stdout.rstrip().endswith("is right")
    refused = weights(user, "fetch", "inception", "--from", face_model)
    assert refused.returncode == 4
    assert "is not the registered pt_inception" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fetch"], "name what to fetch, or say --all"),
        (["fetch", "inception", "--all"], "name what to fetch, or say --all"),
        (["fetch", "inceptoin"], "did you mean 'inception'?"),
        (["fetch", "i3d", "smirk", "--from", "x"], "--from takes one NAME"),
        (["fetch", "i3d", "--accept-licence", "stylegan"], "did you mean 'stylegan-v'?"),
    ],
)
def test_mistakes_end_with_2(user: dict[str, str], arguments: list[str], message: str) -> None:
    done = weights(user, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
