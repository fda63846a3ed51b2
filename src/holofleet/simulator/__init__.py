"""Simulated HoloLens 2 headsets that speak the real protocols and can disagree with a server.

What lives here: headsets (``headset/``: identity, enrollment, management tree, sessions), their network and what
goes wrong on it, and fleets of thousands. What does not: anything of the server, and nothing of the codecs that
the server uses. Two ends that share a reader agree about its mistakes, so a headset writes its requests and reads
replies, provisioning documents, kiosk configurations and policy values by itself, after the published
specifications and recordings of real clients; it takes only facts from the catalog. What it notices is a
:class:`ProtocolViolation`. Start reading at ``headset/headset.py``.

    fleet = Fleet(server_url="https://127.0.0.1:8443", ca_file="ca.pem",
                  headsets=[HeadsetPlan("003421800101", Credential("enroll@contoso.com", "..."))])
    await fleet.enroll()
    await fleet.check_in()
    fleet.headset("003421800101").drift("./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection", "1")
    assert not fleet.violations
"""

from holofleet.simulator.fleet import Act, Fleet, Progress, Tally
from holofleet.simulator.headset.enrollment import Credential
from holofleet.simulator.headset.headset import Headset
from holofleet.simulator.headset.plan import HeadsetPlan, HeadsetSnapshot, Phase
from holofleet.simulator.headset.session import End, SessionRecord
from holofleet.simulator.headset.stick import Stick, StickRefusedError, read_stick
from holofleet.simulator.violation import ProtocolViolation, Rule

__all__ = [
    "Act",
    "Credential",
    "End",
    "Fleet",
    "Headset",
    "HeadsetPlan",
    "HeadsetSnapshot",
    "Phase",
    "Progress",
    "ProtocolViolation",
    "Rule",
    "SessionRecord",
    "Stick",
    "StickRefusedError",
    "Tally",
    "read_stick",
]
