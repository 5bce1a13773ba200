"""Items of many clips in one batch: a network is called when enough have come together."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any
from weakref import ReferenceType, WeakValueDictionary, ref

import numpy as np

from metrics.signals.extractor import Batch

BATCH_BYTES = 96 << 20
"""Bytes of items in a batch unless said otherwise; the network's own memory is a multiple."""


class Ticket:
    """Stands for what a network will say about one item."""

    __slots__ = ("__weakref__", "_batcher", "_item", "_submitted", "_value")

    def __init__(self, batcher: "Batcher", item: Batch) -> None:
        self._batcher = batcher
        self._item: Batch | None = item
        self._submitted: ReferenceType[Batch] = ref(item)
        self._value: Any = None

    @property
    def done(self) -> bool:
        """Whether the network has seen the item."""
        return self._item is None

    @property
    def item(self) -> Batch:
        """The item that waits."""
        assert self._item is not None
        return self._item

    def result(self) -> Any:  # noqa: ANN401 - whatever the network gives for an item
        """Return the network's output for the item; calls the network if it must."""
        if not self.done:
            self._batcher.flush()
        return self._value

    def settle(self, value: Any) -> None:  # noqa: ANN401
        """Take the network's output and let go of the item; for the batcher."""
        self._value = value
        self._item = None

    def stands_for(self, item: Batch) -> bool:
        """Say whether this very array was submitted, not one that took its place in memory."""
        return self._submitted() is item


@dataclass(slots=True)
class Batcher:
    """Fills batches of items of one shape, whichever clip they come from.

    Attributes:
        network: Called with a stacked batch; gives one result an item, in order.
        most: Items in a batch.
        most_bytes: Bytes of items in a batch; at least one item goes in.
    """

    network: Any
    most: int = 32
    most_bytes: int = BATCH_BYTES
    _waiting: dict[Hashable, list[Ticket]] = field(default_factory=dict)
    _seen: WeakValueDictionary[int, Ticket] = field(default_factory=WeakValueDictionary)

    def submit(self, item: Batch) -> Ticket:
        """Hand in an item that is not changed afterwards.

        The same array handed in again while its ticket lives gets the same ticket: a frame that
        two streams look at goes through the network once.
        """
        known = self._seen.get(id(item))
        if known is not None and known.stands_for(item):
            return known
        ticket = Ticket(self, item)
        self._seen[id(item)] = ticket
        group = (item.shape, item.dtype.str)
        waiting = self._waiting.setdefault(group, [])
        waiting.append(ticket)
        if len(waiting) >= max(1, min(self.most, self.most_bytes // max(1, item.nbytes))):
            self._run(group)
        return ticket

    def flush(self) -> None:
        """Call the network on everything that waits."""
        for group in list(self._waiting):
            self._run(group)

    def _run(self, group: Hashable) -> None:
        tickets = self._waiting.pop(group)
        values = self.network(np.stack([ticket.item for ticket in tickets]))
        if len(values) != len(tickets):
            raise RuntimeError(f"a network gave {len(values)} results for {len(tickets)} items")
        for ticket, value in zip(tickets, values, strict=True):
            ticket.settle(value)
