"""Headsets and their loans to clients."""

from __future__ import annotations

from pydantic import model_validator

from holofleet.spec.model.base import Model, key
from holofleet.spec.values import UPN, BuildText, Day, Flag, GroupTag, HardwareHash, Name, Serial, Text, refuse


class Headset(Model):
    """One HoloLens 2, known by its serial number."""

    serial: Serial = key(
        "Serial number as the headset reports it; leading zeros count.", example="003421800101", default=...
    )
    asset: Text | None = key("Your own inventory number.", example="HL-0101", max_length=128)
    name: Name | None = key("Name of the device.", example="hl-0101")
    site: Name | None = key(
        "Where it is; else the site of its deployment.", example="fabrikam-plant-2", rule="EXT-03"
    )
    account: UPN | None = key(
        "The account that signs in on it, instead of the one its deployment makes.",
        example="hl-0101@contoso.com",
        rule="SHR-07",
    )
    autopilot: Flag = key(
        "It is registered for Autopilot and has a profile; tenant lock needs it.",
        example="false",
        default=False,
        rule="EXT-18",
    )
    group_tag: GroupTag | None = key("Group tag of its Autopilot registration.", example="field", rule="EXT-18")
    hardware_hash: HardwareHash | None = key(
        "Hardware hash in base64; comes from a file of hashes.", example="T0FBQkFBRUFIQUFBQQ==", rule="EXT-18"
    )
    build: BuildText | None = key("Build that it is known to run.", example="22621.1266", rule="EXT-13")
    first_sign_in: Day | None = key(
        "Day on which its user signed in online for the first time.", example="2026-11-16", rule="OFF-15"
    )
    formerly: Serial | None = key("Serial number of the unit that it replaces.", example="003421800099")
    note: Text | None = key("Anything worth knowing.", example="scratch on the visor")


class Loan(Model):
    """Headsets at a client for some time."""

    client: Name = key("Who borrows.", example="fabrikam", default=..., rule="EXT-03")
    site: Name | None = key("Where they go.", example="fabrikam-plant-2", rule="EXT-03")
    headsets: tuple[Serial, ...] = key("Serial numbers.", example="[003421800201]", default=..., rule="EXT-03")
    ships: Day = key("Day on which they leave.", example="2026-12-07", default=..., rule="EXT-03")
    returns: Day | None = key("Day on which they are expected back.", example="2027-02-19", rule="EXT-03")
    returned: Day | None = key("Day on which they came back.", example="2027-02-18", rule="EXT-54")
    password_reset: Day | None = key(
        "Day on which the passwords were reset after the return.", example="2027-02-19", rule="EXT-54"
    )
    wiped: Day | None = key(
        "Day on which the headsets were wiped after the return.", example="2027-02-19", rule="EXT-54"
    )
    test_call: Day | None = key(
        "Day of a finished test call to an expert before shipping.", example="2026-12-04", rule="EXT-57"
    )

    @model_validator(mode="after")
    def _forward(self) -> Loan:
        for end in (self.returns, self.returned):
            if end is not None and end < self.ships:
                raise refuse("a return that is not before the shipping day")
        return self
