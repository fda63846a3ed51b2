"""The server that is measured, in a process and on a core of its own: the wiring of ``holofleet serve``.

Beside its two listeners it has a third one with the same TLS settings and the bare reference behind it. It takes
orders as JSON lines on its standard input and answers each with one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench import fleet
from bench.machine import cpu_s, pin, spin_ms
from bench.reference import Reference
from bench.statements import StatementCounter


class Controlled:
    """What the orders do."""

    def __init__(self, wired: Any, counter: StatementCounter, reference: Reference) -> None:
        self._wired = wired
        self._counter = counter
        self._reference = reference

    def usage(self) -> dict[str, float]:
        """Return the processor time used so far."""
        return {"cpu_s": cpu_s()}

    def publish(self, headsets: int) -> dict[str, Any]:
        """Publish the measured fleet, and issue a credential for all of it."""
        from holofleet.server.authorization import LOCAL_ADMIN

        services = self._wired.services
        services.fleet.publish(LOCAL_ADMIN, fleet.state(headsets), {"fleet.yaml": ""})
        issued = services.credentials.issue(
            LOCAL_ADMIN, fleet.DEPLOYMENT, uses=headsets, expires=timedelta(hours=1)
        )
        return {"username": issued.username, "password": issued.password}

    def count(self, on: bool) -> dict[str, int]:
        """Begin to count statements, or stop; either way return the counts so far."""
        counts = self._counter.counts
        self._counter.switch(on)
        return counts

    async def flush(self) -> dict[str, int]:
        """Write when headsets were last seen, as is done every few seconds."""
        await self._wired.management.flush()
        return {}

    def answer(self, size: int) -> dict[str, int]:
        """Let the reference answer with so many bytes."""
        self._reference.answer_with(size)
        return {}

    def spin(self, times: int) -> dict[str, list[float]]:
        """Do the fixed piece of work."""
        return {"ms": [spin_ms() for _ in range(times)]}

    def sign(self, times: int) -> dict[str, float]:
        """Sign certificates for an RSA-2048 key with the device CA's key, and do nothing else."""
        from cryptography.hazmat.primitives.asymmetric import rsa

        from holofleet.clock import SystemClock

        public_key = rsa.generate_private_key(65537, 2048).public_key()
        authority, now = self._wired.installation.device_ca, SystemClock().now()
        begun = cpu_s()
        for number in range(times):
            authority.sign(public_key, f"{number:032x}", now)
        return {"cpu_s": cpu_s() - begun}


async def _obey(controlled: Controlled) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        work: Callable[..., Any] = partial(getattr(controlled, order.pop("do")), **order)
        done = work()
        _tell(await done if asyncio.iscoroutine(done) else done)


def _tell(value: Any) -> None:
    print(json.dumps(value), flush=True)


async def _serve(wired: Any, counter: StatementCounter, headsets: int) -> None:
    from holofleet.cli.addresses import Addresses
    from holofleet.cli.serve import bound
    from holofleet.web.limits import Limits
    from holofleet.web.transport import Listener, Server, device_context

    limits = Limits().raised("bench", headsets=headsets)
    where = Addresses(("127.0.0.1", 0), ("127.0.0.1", 0))
    installation = wired.installation
    tls = device_context(
        installation.tls_certificate, installation.tls_key, device_ca_pem=installation.device_ca.certificate.pem
    )
    server = await bound(wired, where, limits=limits)
    reference = Reference(wired.database.reader)
    listener = Listener("bare", reference, host="127.0.0.1", port=0, tls=tls, limits=limits.connection)
    async with wired.management, server, Server([listener]):
        _tell(
            {
                "people": f"https://127.0.0.1:{server.listener('people').port}",
                "device_port": server.listener("device").port,
                "bare_port": listener.port,
                "ca": str(installation.ca_certificate),
            }
        )
        await _obey(Controlled(wired, counter, reference))
    reference.close()


def main() -> None:
    """Serve until standard input ends."""
    parser = ArgumentParser()
    parser.add_argument("--core", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--database")
    parser.add_argument("--headsets", type=int, required=True)
    arguments = parser.parse_args()
    pin(arguments.core)
    counter = StatementCounter()
    counter.install()
    from holofleet.cli.services import wire
    from holofleet.web.transport import run

    if arguments.database:
        from holofleet.storage.database import Database

        database = Database.open(arguments.database)
        database.upgrade()
        database.close()
    with wire(arguments.data, database_url=arguments.database) as wired:
        run(_serve(wired, counter, arguments.headsets))


if __name__ == "__main__":
    main()
