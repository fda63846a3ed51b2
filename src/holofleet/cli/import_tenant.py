"""``holofleet import tenant``: what a tenant has for HoloLens, as a draft of a fleet file."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holofleet.cli.graph_sign_in import GraphSignIn
from holofleet.cli.output import CLEAN, FOUND, note
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.resources.tenant_snapshot import TenantSnapshot
    from holofleet.targets.graph.engine import Engine

_ID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


NO_GRAPH = GraphSignIn()


def tenant(
    *,
    out: Annotated[Path | None, Parameter(help="Fleet file to write; it must not exist.")] = None,
    tenant_id: Annotated[
        str | None, Parameter(help="Id of the tenant to sign in to; an emulator needs none.")
    ] = None,
    graph: GraphSignIn = NO_GRAPH,
) -> int:
    """Write a fleet file from a tenant that exists, and say what was left out: exit status 1 if anything.

    Changes nothing in the tenant. Files that the fleet file names are written beside it; without --out the text
    goes to standard output alone.
    """
    from holofleet.diagnostics.render import visible
    from holofleet.imports.tenant import draft

    if out is not None and out.exists():
        raise InputError(f"{out}: exists already", mend="Name another file, or move this one away.")
    made = draft(_snapshot(graph, tenant_id or ""))
    if out is None:
        sys.stdout.write(made.yaml())
        if made.files:
            note(f"The file names {len(made.files)} more, which --out writes beside it.")
    else:
        _write(out, {Path(name): content for name, content in made.files.items()}, made.yaml().encode())
        note(f"Wrote {out} and {len(made.files)} files beside it. Look at every line, then: holofleet check {out}")
    for remark in made.remarks:
        note(visible(f"{'lost' if remark.lost else 'note'}: {remark.line}"))
    return FOUND if made.lost else CLEAN


def _snapshot(graph: GraphSignIn, tenant_id: str) -> TenantSnapshot:
    """Read the tenant.

    Raises:
        InputError: no tenant to sign in to.
        RefusedError: the sign-in lacks permissions.
    """
    from holofleet.desired.cloud.tenancy import Tenancy
    from holofleet.targets.graph import import_reading
    from holofleet.targets.graph.needs import Needs
    from holofleet.targets.graph.origin import Origin

    origin = Origin.parse(graph.graph_url)
    if (origin.carries_token or tenant_id) and not _ID.fullmatch(tenant_id):
        raise InputError("which tenant is read?", mend="Say --tenant-id with the id of the tenant.")
    needs = Needs.of(import_reading.READS)
    tenancy = Tenancy("owning", tenant_id, "", headsets=True)

    async def reading(engine: Engine) -> TenantSnapshot:
        try:
            needs.check(await engine.client.token())
            return await engine.one(import_reading.read())
        finally:
            await engine.client.aclose()

    with graph.engine(origin, tenancy) as engine:
        return asyncio.run(reading(engine))


def _write(out: Path, beside: Mapping[Path, bytes], text: bytes) -> None:
    """Write new files for their owner only; the fleet file last, so that one that is there is complete.

    Raises:
        InputError: one of them exists, or cannot be written.
    """
    files = {out.parent / name: content for name, content in beside.items()} | {out: text}
    folders = {out.parent / parent for name in beside for parent in name.parents if parent != Path()}
    taken = next((path for path in files if path.exists() or path.is_symlink()), None)
    taken = taken or next((path for path in folders if path.is_symlink()), None)
    if taken is not None:
        raise InputError(f"{taken}: exists already", mend="Name a file in a new folder.")
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
                file.write(content)
    except OSError as error:
        raise InputError(f"{out}: cannot be written", detail=error.strerror or "") from error
