"""Answers of a user study, from a small CSV file; see docs/tables.md for its two forms."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmark.errors import UsageProblem
from benchmark.names import resolve
from leaderboards.text import clean

Study = Literal["opinion", "preference"]
HEADS: Mapping[Study, tuple[str, ...]] = {
    "opinion": ("participant", "sample", "method", "question", "rating"),
    "preference": ("participant", "sample", "method", "against", "question", "preferred"),
}
"""First line of a file of ratings, and of one of comparisons."""
CHOICES: Mapping[str, float] = {"method": 1.0, "against": 0.0}
"""Answers to a comparison."""
LOWEST, HIGHEST = 1.0, 5.0
"""Ends of the scale of ratings; 5 is best."""
_MOST_BYTES = 32 << 20
_LONGEST = 200
_REMEDY = "docs/tables.md shows the file that is read here"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of one participant.

    Attributes:
        participant: Who answered; never printed.
        sample: What was shown.
        method: Whose result was rated, or is preferred or not.
        against: What it is compared with; empty for ratings.
        question: Key of the column it belongs to.
        value: The rating, or 1 for the method and 0 for the other.
    """

    participant: str
    sample: str
    method: str
    against: str
    question: str
    value: float


def read_answers(path: Path, study: Study, questions: Sequence[str]) -> list[Answer]:
    """Return the answers in a file, in its order.

    Args:
        path: A CSV file in UTF-8.
        study: Which of the two forms it has.
        questions: Keys that are asked about.

    Raises:
        UsageProblem: If it cannot be read, or a line is not as it should be; names the line.
    """
    lines = _lines(path)
    head = list(HEADS[study])
    if [cell.strip() for cell in next(lines, (0, []))[1]] != head:
        raise _problem(path, f"its first line must be {','.join(head)}")
    answers: list[Answer] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, cells in lines:
        if not any(cells):
            continue
        answer = _answer(path, number, cells, study, questions)
        key = (*_what(answer), answer.participant)
        if key in seen:
            raise _problem(path, f"line {number} answers again what line {seen[key]} did")
        seen[key] = number
        answers.append(answer)
    if not answers:
        raise _problem(path, "it holds no answer")
    return answers


def _what(answer: Answer) -> tuple[str, str, str, str]:
    return answer.sample, answer.method, answer.against, answer.question


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        if path.exists() and not path.is_file():
            raise _problem(path, "it is no ordinary file")
        if path.stat().st_size > _MOST_BYTES:
            raise _problem(path, f"it is larger than {_MOST_BYTES >> 20} MiB")
        text = path.read_text(encoding="utf-8-sig")
        yield from enumerate(csv.reader(io.StringIO(text), strict=True), start=1)
    except OSError as error:
        raise UsageProblem(f"cannot read {path}: {error.strerror}", _REMEDY) from None
    except UnicodeDecodeError:
        raise _problem(path, "it is not UTF-8") from None
    except csv.Error as error:
        raise _problem(path, str(error)) from None


def _answer(
    path: Path, number: int, cells: Sequence[str], study: Study, questions: Sequence[str]
) -> Answer:
    head = HEADS[study]
    if len(cells) != len(head):
        raise _problem(path, f"line {number} has {len(cells)} fields, not {len(head)}")
    given = {name: clean(cell, _LONGEST) for name, cell in zip(head, cells, strict=True)}
    for name, text in given.items():
        if not text:
            raise _problem(path, f"line {number}: no {name}")
    try:
        question = resolve(given["question"].lower(), questions, "question")
    except UsageProblem as error:
        raise UsageProblem(f"{path}: line {number}: {error.problem}", error.remedy) from None
    value = _rating(given["rating"]) if study == "opinion" else CHOICES.get(given["preferred"])
    if value is None:
        wanted = f"{LOWEST:g} to {HIGHEST:g}" if study == "opinion" else " or ".join(CHOICES)
        raise _problem(path, f"line {number}: '{given[head[-1]]}' is not {wanted}")
    against = given.get("against", "")
    return Answer(given["participant"], given["sample"], given["method"], against, question, value)


def _rating(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if LOWEST <= value <= HIGHEST else None


def _problem(path: Path, what: str) -> UsageProblem:
    return UsageProblem(f"{path}: {clean(what)}", _REMEDY)
