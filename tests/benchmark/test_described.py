"""Methods outside, as the harness sees them: rows, the user's words, variants, what is missing."""

import json
import subprocess
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from adapters.command import Command
from adapters.rows import our_rows
from benchmark.config import Config
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.method_content import method_content
from benchmark.methods import find_method, known_methods, look_up
from benchmark.plugins import methods_of

MINE = {"command": ["python", "infer.py", "{source}", "{out}/r.mp4"], "output": "{out}/r.mp4"}


def config(**methods: Any) -> Config:
    return Config.model_validate({"methods": methods})


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """LivePortrait, as far as the harness can tell."""
    monkeypatch.setenv("BENCH_METHODS", str(tmp_path / "methods"))
    repository = tmp_path / "methods" / "liveportrait" / "repository"
    repository.mkdir(parents=True)
    (repository / "inference.py").write_text("pass")
    for item in our_rows()["liveportrait"].weights:
        path = repository / item.path.replace("*", "x")
        path.mkdir(parents=True)
        (path / "model.pth").write_bytes(b"weights")
    return repository


def test_a_row_that_is_not_here_says_in_three_lines_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_METHODS", str(tmp_path))
    with pytest.raises(EnvironmentProblem) as caught:
        find_method("liveportrait", Config(), tmp_path)
    lines = [caught.value.problem, *caught.value.remedy.splitlines()]
    assert len(lines) == 3
    assert lines[0] == "LivePortrait is not on this machine"
    assert "bench methods setup liveportrait" in lines[1]
    assert "[methods.liveportrait] at = " in lines[2]


@pytest.mark.parametrize("name", sorted(name for name, row in our_rows().items() if row.public))
def test_the_three_lines_fit_a_screen(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_METHODS", str(tmp_path))
    with pytest.raises(EnvironmentProblem) as caught:
        find_method(name, Config(), tmp_path)
    lines = [f"bench: {caught.value.problem}", *caught.value.remedy.splitlines()]
    assert len(lines) == 3
    assert max(len(f"  {line}") for line in lines) <= 80


def test_a_method_of_the_users_needs_its_folder(tmp_path: Path) -> None:
    settings = config(ours={**MINE, "at": "code"})
    with pytest.raises(UsageProblem, match=f"methods.ours: there is no folder {tmp_path}/code"):
        find_method("ours", settings, tmp_path)
    (tmp_path / "code").mkdir()
    assert find_method("ours", settings, tmp_path).absent is None


def test_without_its_weights_it_says_which(installed: Path, tmp_path: Path) -> None:
    assert find_method("liveportrait", Config(), tmp_path).label == "LivePortrait"
    first = our_rows()["liveportrait"].weights[0]
    (installed / first.path / "model.pth").unlink()
    with pytest.raises(EnvironmentProblem, match=f"lacks its weights: no {first.path} in"):
        find_method("liveportrait", Config(), tmp_path)


def test_aliases_find_it(installed: Path, tmp_path: Path) -> None:
    for name in ("LivePortrait", "live-portrait"):
        assert find_method(name, Config(), tmp_path).name == "liveportrait"


def test_a_method_without_public_code_says_so_and_takes_videos(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        find_method("portraitdirector", Config(), tmp_path)
    assert "PortraitDirector cannot be run" in caught.value.problem
    assert "precomputed:FOLDER" in caught.value.remedy
    (tmp_path / "theirs").mkdir()
    spec = find_method("portraitdirector", config(portraitdirector={"videos": "theirs"}), tmp_path)
    assert spec.label == "PortraitDirector"
    assert spec.target == "adapters.precomputed:Precomputed"


def test_ours_in_the_same_words(tmp_path: Path) -> None:
    spec = find_method("ours", config(ours=MINE), tmp_path)
    assert spec.target == "adapters.command:Command"
    assert spec.options["home"]["repository"] == str(tmp_path)
    assert isinstance(Command(**spec.options), Command)
    assert spec.no_speed


def test_one_word_of_a_table_leaves_the_others_alone(tmp_path: Path) -> None:
    words = {
        "environment": {"stop": ["docker", "kill", "{job}"]},
        "inputs": {"margin": 0.2},
        "mode": "once",
    }
    for name in ("xportrait", "lia"):
        row = our_rows()[name]
        spec = known_methods(config(**{name: words}), tmp_path)[name]
        how = spec.options["how"]
        assert how["environment"]["stop"] == ["docker", "kill", "{job}"]
        assert how["environment"]["variables"] == row.environment.variables
        assert how["inputs"]["margin"] == 0.2
        assert how["inputs"]["size"] == (list(row.inputs.size) if row.inputs.size else None)
    assert our_rows()["xportrait"].environment.variables
    assert our_rows()["lia"].inputs.size


def test_plain_python_is_the_methods_own(tmp_path: Path) -> None:
    own = tmp_path / "code" / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.touch()
    for python in ("python", "python3", "{python}"):
        words = {**MINE, "command": [python, *MINE["command"][1:]], "at": "code"}
        spec = find_method("ours", config(ours=words), tmp_path)
        assert spec.options["how"]["command"][0] == "{python}"
        assert spec.options["home"]["python"] == str(own)
        assert spec.description == "yours: python infer.py {source} {out}/r.mp4"
    exact = find_method("ours", config(ours={**MINE, "command": ["/usr/bin/x"]}), tmp_path)
    assert exact.options["how"]["command"] == ["/usr/bin/x"]


def test_what_cannot_be_undone_is_a_footnote(tmp_path: Path) -> None:
    words = {**MINE, "faces": "apart", "result": {"geometry": "face"}}
    note = find_method("ours", config(ours=words), tmp_path).note
    assert "ours shows a crop of its own around the face" in note
    assert "people are cut apart" in note
    assert not find_method("ours", config(ours=MINE), tmp_path).note


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({**MINE, "command": ["python", "{sauce}"]}, "nothing takes the place of {sauce}"),
        ({**MINE, "output": "results/*.mp4"}, "says where the result lies"),
        ({**MINE, "result": {"geometry": "round"}}, "result.geometry"),
        ({**MINE, "frames": {"fps": "fast"}}, "write a rate as"),
        ({**MINE, "options": {"seed": 3}}, "has the name of a placeholder"),
        ({**MINE, "components": {"nose": []}}, "no component 'nose'"),
        ({**MINE, "files": [{"path": "/etc/x", "content": ""}]}, "lies below {work}/ or {out}/"),
        ({**MINE, "command": ["python", "--drv={drivings}"]}, "is an argument of its own"),
        ({"at": "x"}, "give either python"),
        ({**MINE, "output": "{out}/../*.mp4"}, "says where the result lies"),
        ({**MINE, "own": ["../results"]}, "'../results' is no folder inside the method's own"),
        ({**MINE, "worker": "../hook.py:Mine"}, 'write "hook.py:Class"'),
        ({**MINE, "worker": "hook.py"}, 'write "hook.py:Class"'),
        ({**MINE, "environment": {"variables": {"A=B": ""}}}, "A=B"),
    ],
)
def test_a_wrong_word_says_where(tmp_path: Path, words: dict[str, Any], message: str) -> None:
    try:
        entry = config(ours=words)
    except ValueError as error:
        assert message in str(error)
        return
    with pytest.raises(UsageProblem, match=r"methods\.ours") as caught:
        find_method("ours", entry, tmp_path)
    assert message in caught.value.problem


def test_words_of_the_users_change_a_known_row(installed: Path, tmp_path: Path) -> None:
    words = {
        "options": {"scale": 2.0},
        "prefix": ["conda", "run", "-n", "lp"],
        "at": str(installed),
    }
    spec = find_method("liveportrait", config(liveportrait=words), tmp_path)
    assert spec.options["home"]["prefix"] == ["conda", "run", "-n", "lp"]
    assert spec.options["how"]["options"]["scale"] == 2.0
    assert spec.options["how"]["command"] == list(our_rows()["liveportrait"].command)


def test_what_identifies_a_run_is_the_same_when_it_is_read_back(tmp_path: Path) -> None:
    mine = config(ours={**MINE, "prefix": ["nice"], "self": ["--x"], "inputs": {"size": [9, 9]}})
    for spec in known_methods(mine, tmp_path).values():
        assert json.loads(json.dumps(dict(spec.options))) == dict(spec.options), spec.name


def test_variants_are_rows(tmp_path: Path) -> None:
    words = {
        **MINE,
        "command": [*MINE["command"], "--mca", "{mca}"],
        "options": {"mca": True},
        "variants": {"no-mca": {"options": {"mca": False}}, "fast": {"extra": ["--fast"]}},
    }
    mine = config(ours=words)
    assert {"ours", "ours+no-mca", "ours+fast"} <= set(known_methods(mine, tmp_path))
    spec = find_method("ours+no-mca+fast", mine, tmp_path)
    assert spec.name == "ours+no-mca+fast"
    assert spec.options["how"]["options"] == {"mca": False}
    assert spec.options["how"]["command"][-1] == "--fast"
    assert find_method("ours+mca=false", mine, tmp_path).options["how"]["options"]["mca"] is False
    with pytest.raises(UsageProblem, match="unknown option of ours 'mcb'"):
        find_method("ours+mcb=1", mine, tmp_path)
    with pytest.raises(UsageProblem, match="unknown variant of ours 'no-mcaa'"):
        find_method("ours+no-mcaa", mine, tmp_path)
    contents = {method_content(known_methods(mine, tmp_path)[n]) for n in ("ours", "ours+fast")}
    assert len(contents) == 1, "variants differ by their options, which identify a run too"


def test_words_that_would_do_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=r"'self' means nothing to its worker, fomm.py:Fomm"):
        look_up("fomm", config(fomm={"self": ["--cpu"]}), tmp_path)
    once = look_up("fomm", config(fomm={"self": ["--cpu"], "mode": "once"}), tmp_path)
    assert once.target == "adapters.command:Command"
    variant = {"worker": "h.py:H", "variants": {"x": {"extra": ["--fast"]}}}
    with pytest.raises(UsageProblem, match="ours runs no command that 'extra' could be added to"):
        look_up("ours+x", config(ours=variant), tmp_path)


def test_a_row_may_start_from_a_known_one(tmp_path: Path) -> None:
    spec = look_up("quick", config(quick={"like": "LIA", "label": "LIA, quick"}), tmp_path)
    assert (spec.name, spec.label) == ("quick", "LIA, quick")
    assert spec.options["how"]["command"] == list(our_rows()["lia"].command)
    assert spec.options["home"]["repository"].endswith("lia/repository")
    with pytest.raises(UsageProblem, match="unknown method that quick is like 'lya'"):
        look_up("quick", config(quick={"like": "lya"}), tmp_path)


def test_variants_of_a_class(tmp_path: Path) -> None:
    words = {
        "python": "mine:Mine",
        "options": {"a": 1, "b": 2},
        "variants": {"x": {"options": {"b": 3}}},
    }
    spec = find_method("ours+x", config(ours=words), tmp_path)
    assert dict(spec.options) == {"a": 1, "b": 3}
    assert spec.label == "ours (x)"


def test_changed_code_is_another_method(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True, capture_output=True)

    def content() -> str:
        return method_content(look_up("ours", config(ours=MINE), tmp_path))

    (tmp_path / "infer.py").write_text("pass")
    plain_folder = content()
    git("init", "-q")
    git("add", "infer.py")
    git("commit", "-qm", "one")
    clean = content()
    assert clean != plain_folder
    (tmp_path / "notes.txt").write_text("no code")
    (tmp_path / "results.json").write_text("{}")
    assert content() == clean
    (tmp_path / "infer.py").write_text("pass  # changed")
    changed = content()
    assert changed != clean
    (tmp_path / "new.py").write_text("pass")
    assert content() not in {clean, changed}


def test_plugins_bring_classes_and_descriptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "theirs"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "dino.toml").write_text('name = "dino"\nlabel = "Dino"\nworker = "hook.py:Dino"\n')
    (package / "hook.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    group = "portraitbench.methods"
    found = methods_of(
        [EntryPoint("theirs", "theirs", group), EntryPoint("quick", "quick.run:Quick", group)]
    )
    assert found.rows["dino"].worker == f"{package / 'hook.py'}:Dino"
    assert found.specs["quick"].target == "quick.run:Quick"
    (package / "dino.toml").write_text('name = "dino"\nlabel = "Dino"\ncolour = "green"\n')
    with pytest.raises(UsageProblem, match=r"the plugin 'theirs' cannot be used.*colour"):
        methods_of([EntryPoint("theirs", "theirs", group)])


def test_every_row_of_ours_is_complete() -> None:
    rows = our_rows()
    assert {
        "liveportrait", "fomm", "tpsmm", "facevid2vid", "lia", "xportrait", "personalive",
        "fasterliveportrait", "imtalker", "fantasyportrait", "fantasyportrait-multi",
        "portraitdirector", "dexportrait",
    } <= set(rows)  # fmt: skip
    for row in rows.values():
        assert row.paper, row.name
        if row.public:
            assert row.repository.startswith("https://"), row.name
            assert len(row.commit) == 40, row.name
            assert row.licence, row.name
            assert row.weights, row.name
            assert row.traps, row.name
