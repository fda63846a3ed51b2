"""Every request that the target can send has a path at the emulator, which was written apart from it."""

from __future__ import annotations

import re

import pytest

from holofleet.emulator.edm import Version
from holofleet.emulator.emulator import routes
from holofleet.targets.graph.operations import OPERATIONS, Operation

ID = "11111111-2222-4333-8444-555555555555"
LISTED = list(OPERATIONS.values()) if hasattr(OPERATIONS, "values") else list(OPERATIONS)


@pytest.mark.parametrize("operation", LISTED, ids=lambda operation: operation.name)
def test_an_operation_finds_its_path_and_what_it_declares_is_enough(operation: Operation) -> None:
    path = re.sub(r"\{\w+\}", ID, operation.path)
    match = routes().match(Version(str(operation.version)), operation.method, path)
    declared = {operation.permission} if isinstance(operation.permission, str) else set(operation.permission)
    enough = [set(way.split("+")) <= declared for way in match.route.permissions]
    assert match.route.delegated_only or any(enough), (declared, match.route.permissions)
