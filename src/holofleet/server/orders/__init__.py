"""Orders: what an operator asks of one headset, once.

What lives here: kinds, statuses and their transitions (``order.py``), how much one
person may destroy alone (``limits.py``), the service through which people and
tokens create, cancel and freeze them (``service.py``), and several that were given
together as one thing (``together.py``). What does not: sending, which the session does
(``server/management``). An order belongs to an enrollment and an epoch, never to a serial: a headset that
enrolls again starts without orders. Start reading at ``order.py``.
"""

from holofleet.server.orders.order import (
    DESTRUCTIVE,
    LIFE,
    OPEN,
    Order,
    OrderKind,
    OrderStatus,
    OrderUpdate,
)
from holofleet.server.orders.service import OrderService
from holofleet.server.orders.together import Given, GivenOrder, Together

__all__ = [
    "DESTRUCTIVE",
    "LIFE",
    "OPEN",
    "Given",
    "GivenOrder",
    "Order",
    "OrderKind",
    "OrderService",
    "OrderStatus",
    "OrderUpdate",
    "Together",
]
