"""Numbers as tables print them; ranks compare exactly these."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

_WIDEST = Decimal(10**6)
"""From here on numbers are printed with an exponent, so that none is ever cut."""
_EXACT = Context(prec=800, rounding=ROUND_HALF_EVEN)
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean in float64, correctly rounded and so independent of order.

    Infinities of both signs, or a NaN, give NaN. ``values`` must not be empty.
    """
    endless = [v for v in values if not math.isfinite(v)]
    if endless:
        return sum(endless)
    return float(sum(map(Fraction, values)) / len(values))


def printed(value: float, exponent: int, digits: int) -> str:
    """Return ``value * 10**exponent`` with ``digits`` digits after the point, in ASCII.

    Scaling is exact (decimal), halves go to the even digit, and there is no negative zero.
    """
    if not math.isfinite(value):
        return str(value)
    scaled = Decimal(value).scaleb(exponent, _EXACT)
    if abs(scaled) >= _WIDEST:
        return f"{scaled:.{digits}e}"
    rounded = scaled.quantize(Decimal(1).scaleb(-digits), context=_EXACT)
    return f"{abs(rounded) if rounded.is_zero() else rounded:f}"


def typeset(number: str) -> str:
    """Return what `printed` gave with a true minus, infinity and powers of ten."""
    if "e" in number:
        mantissa, power = number.split("e")
        return f"{mantissa.replace('-', '−')}×10{superscript(int(power))}"
    return number.replace("-", "−").replace("inf", "∞")


def superscript(power: int) -> str:
    """Return ``power`` in superscript digits."""
    return str(power).translate(_SUPERSCRIPTS)


def percent(share: float) -> str:
    """Return a share as whole per cent, rounded down: never above what was reached."""
    # A share just below a whole per cent may come out as that number in binary; the small
    # allowance is for 0.29 * 100 = 28.999999999999996, not for shares that truly lie below.
    return f"{math.floor(share * 100 + 1e-9)}%"
