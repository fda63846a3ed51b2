"""One headset from an empty data folder to its end, against a server process of its own, over TLS.

The server and every command start cold here, as an operator's shell starts them.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from tests.served_process import ServedProcess, served
from tests.simulated import headset_of

from holofleet.simulator import Credential, Headset, Phase

USB = "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
LOCK = "./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"
REBOOT = "./Device/Vendor/MSFT/Reboot/RebootNow"
WIPE = "./Device/Vendor/MSFT/RemoteWipe/doWipe"
SERIAL = "003421800101"


def credential(server: ServedProcess, deployment: str, *, uses: int = 1) -> Credential:
    issued = server.run("credentials", "issue", "--deployment", deployment, "--uses", str(uses)).json()
    return Credential(issued["username"], issued["password"])


async def test_a_headset_lives_from_an_empty_folder_to_its_retirement(tmp_path: Path) -> None:
    with served(tmp_path, cold=True) as server:
        server.apply_sample("cloud-connected")
        assert set(server.words().values()) == {"expected"}
        shown = server.run("headsets", "show", SERIAL, "--format", "json").json()
        headset = headset_of(server, SERIAL, credential(server, shown["deployment"]))

        await headset.enroll()
        await headset.check_in()
        shown = server.run("headsets", "show", SERIAL, "--format", "json").json()
        assert shown["compliance"] == "compliant"
        assert shown["settings"]
        assert headset.tree.value(USB) == "0"

        headset.drift(USB, "1")
        assert server.run("headsets", "sync", SERIAL).status == 0
        await headset.check_in()
        assert headset.tree.value(USB) == "0"
        kinds = server.kinds(SERIAL)
        assert kinds.index("drifted") < kinds.index("mended")
        assert server.words()[SERIAL] == "compliant"

        assert server.run("headsets", "reboot", SERIAL, "--reason", "an update waits", "--yes").status == 0
        await headset.check_in()
        await headset.check_in()
        assert [uri for uri, _ in headset.executed] == [REBOOT]

        await _wiped_only_after_the_lock_is_off(server, headset)
        assert server.words()[SERIAL] == "retired"
        with pytest.raises(Exception, match="not enrolled"):
            await headset.check_in()
        assert headset.violations == []
        assert server.stop(signal.SIGTERM) == 0
        assert "Traceback" not in server.output


async def _wiped_only_after_the_lock_is_off(server: ServedProcess, headset: Headset) -> None:
    """Another tool locks the headset to a tenant; it refuses to be unlocked at first, so it is not wiped."""
    headset.drift(LOCK, "true")
    headset.refuse(LOCK)
    server.run("headsets", "sync", SERIAL)
    await headset.check_in()
    assert server.run("headsets", "wipe", SERIAL, "--reason", "goes back", "--yes").status == 0
    await headset.check_in()
    assert headset.phase is Phase.ENROLLED
    assert WIPE not in [uri for uri, _ in headset.executed]

    headset.refuse(LOCK, 200)
    await headset.check_in()
    assert headset.phase is Phase.WIPED
    assert not headset.stranded
    assert [uri for uri, _ in headset.executed] == [REBOOT, WIPE]
    kinds = server.kinds(SERIAL)
    assert kinds.index("lock-released") < max(i for i, kind in enumerate(kinds) if kind == "order-sent")
