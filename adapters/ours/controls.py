"""Controls for several people: the built-in method with known leakage.

They are `Warp` with another cast, so that they make what a leaking method makes: the right people
at the right places with somebody else's motion. The driving clip itself cannot do that; its people
are not those of the portrait.
"""

from adapters.ours.cast import half, shared, swapped
from adapters.ours.method import Warp


class Swapped(Warp):
    """Every face moves as the next face should: leakage 1."""

    casting = staticmethod(swapped)


class Shared(Warp):
    """Every face moves as the leftmost should: leakage 0 for that one, 1 for the others."""

    casting = staticmethod(shared)


class Half(Warp):
    """Every face moves half as it should and half as the next face should: leakage 0.5."""

    casting = staticmethod(half)
