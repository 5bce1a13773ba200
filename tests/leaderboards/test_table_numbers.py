"""Numbers as printed: exact scaling, one rounding, nothing cut, means as exact as can be."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboards.numbers import mean, percent, printed, superscript, typeset

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "exponent", "digits", "text"),
    [
        (0.0047, 3, 2, "4.70"),
        (0.0125, 0, 3, "0.013"),  # 0.0125 lies above the half in binary
        (0.5, 0, 0, "0"),  # a true half goes to the even digit
        (1.5, 0, 0, "2"),
        (-0.0004, 0, 3, "0.000"),
        (-0.0, 0, 1, "0.0"),
        (999999.99, 0, 1, "1000000.0"),
        (1e6, 0, 1, "1.0e+6"),
        (-2.5e300, 3, 2, "-2.50e+303"),
        (1.7976931348623157e308, 6, 1, "1.8e+314"),
        (5e-324, 0, 4, "0.0000"),
        (math.inf, 3, 2, "inf"),
        (-math.inf, 0, 2, "-inf"),
    ],
)
def test_printed_known_answers(value: float, exponent: int, digits: int, text: str) -> None:
    assert printed(value, exponent, digits) == text


@given(FINITE, st.integers(-6, 6), st.integers(0, 6))
def test_printed_is_the_nearest_decimal(value: float, exponent: int, digits: int) -> None:
    text = printed(value, exponent, digits)
    exact = Fraction(value) * Fraction(10) ** exponent
    unit = Fraction(10) ** -digits
    if "e" in text:
        unit *= Fraction(10) ** int(text.split("e")[1])
    assert abs(Fraction(Decimal(text)) - exact) <= unit / 2
    assert len(text) <= 16 + digits


@given(FINITE, FINITE, st.integers(-3, 3), st.integers(0, 4))
def test_printing_keeps_order(a: float, b: float, exponent: int, digits: int) -> None:
    low, high = sorted([a, b])
    first, second = (Decimal(printed(x, exponent, digits)) for x in (low, high))
    assert first <= second


@given(st.lists(FINITE, min_size=1, max_size=8))
def test_mean_is_the_exact_mean_rounded(values: list[float]) -> None:
    exact = sum(map(Fraction, values)) / len(values)
    got = mean(values)
    error = abs(Fraction(got) - exact)
    for neighbour in (math.nextafter(got, math.inf), math.nextafter(got, -math.inf)):
        assert math.isinf(neighbour) or error <= abs(Fraction(neighbour) - exact)
    assert mean(values[::-1]) == got


def test_mean_of_infinities() -> None:
    assert mean([math.inf, 1.0]) == math.inf
    assert math.isnan(mean([math.inf, -math.inf]))
    assert mean([1.7e308, 1.7e308, 1.7e308]) == 1.7e308
    assert mean([1.7e308, 1.7e308, -math.inf]) == -math.inf


def test_typeset_and_percent() -> None:
    assert typeset("-2.50e+303") == "−2.50×10³⁰³"
    assert typeset("-inf") == "−∞"
    assert superscript(-3) == "⁻³"
    assert [percent(x) for x in (1.0, 0.9999, 0.95, 0.9499, 0.29, 0.0)] == [
        "100%",
        "99%",
        "95%",
        "94%",
        "29%",
        "0%",
    ]
