"""A strict stand-in for Microsoft Graph, for tests and for trying things out.

It is written from Graph's public contract alone: it knows nothing of the target ``graph``, which knows nothing
of it. Where the contract is silent it is stricter than the service. ``docs/graph-emulator.md`` says what it
does and what not.

Start reading at ``emulator.py`` (a request's way), then ``services/`` (what requests do) and ``tenant/`` (what
they do it to). ``edm/`` holds Graph's types as data. For tests::

    tenant = new_tenant(clock, Settings(delays=Delays.like_the_service()))
    emulator = Emulator(tenant, quotas=Quotas(), faults=FaultPlan(seed=1, rate=0.05))
    client = httpx2.AsyncClient(transport=InProcess(emulator), base_url="http://127.0.0.1")

``InProcess`` is in ``transport.py`` and ``serving`` (over real sockets) in ``http.py``, imported from there.
"""

from holofleet.emulator.access import Access, Application
from holofleet.emulator.emulator import Emulator, Exchange
from holofleet.emulator.faults import ConnectionCutError, Fault, FaultPlan
from holofleet.emulator.message import Request, Response
from holofleet.emulator.quotas import Quotas
from holofleet.emulator.tenant import Delays, Settings, Sku, Tenant, new_tenant
from holofleet.emulator.tenant.snapshot import duplicates, snapshot

__all__ = [
    "Access",
    "Application",
    "ConnectionCutError",
    "Delays",
    "Emulator",
    "Exchange",
    "Fault",
    "FaultPlan",
    "Quotas",
    "Request",
    "Response",
    "Settings",
    "Sku",
    "Tenant",
    "duplicates",
    "new_tenant",
    "snapshot",
]
