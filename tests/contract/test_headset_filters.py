"""Filters of the list of headsets, and views that people save of it, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert
from tests.custody_world import _USB, CustodyWorld, staff, state_of

from holofleet.errors import ConflictError, InputError, RefusedError
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.server.compliance import Entry, Phase, SettingStatus, render_overlay
from holofleet.server.fleet.asking import Asking
from holofleet.server.fleet.saved import MOST, SavedView
from holofleet.server.fleet.views import Sorting
from holofleet.storage.database import Database
from holofleet.storage.fleet import filtering
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.management import ENROLLMENT

EVERY = Scope.every()
MEGAN = staff("megan@contoso.com", Role.VIEWER)


class World(CustodyWorld):
    """Three headsets that enrolled and reported, and ``N-1``, which never came."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._reported("H-1", seen_days=0, build="10.0.22621.1266", cert_days=300)
        self._reported("H-2", seen_days=45, build="10.0.22621.1244", cert_days=20, usb="1")
        self._reported("F-1", seen_days=2, build="10.0.20348.1547", cert_days=300)

    def _reported(
        self, serial: str, *, seen_days: int, build: str, cert_days: int, usb: str | None = None
    ) -> None:
        state = state_of()
        headset = state.headsets[serial]
        now = self.clock.now()
        drift = Entry(SettingStatus.DRIFTED, Phase.WRITE, to_micros(now), reported=usb)
        with self.database.transaction() as connection:
            connection.execute(
                insert(ENROLLMENT).values(
                    id=f"e-{serial}",
                    client_id=headset.client,
                    deployment=headset.deployment,
                    device_id=serial,
                    certificate_sha256=serial,
                    public_key_sha256=serial,
                    certificate_not_after=to_micros(now + timedelta(days=cert_days)),
                    enrolled_at=to_micros(now),
                    epoch=1,
                    serial=serial,
                    held_serial=serial,
                    acknowledged_hash=headset.document,
                    overlay=render_overlay({_USB: drift} if usb is not None else {}),
                    os_build=build,
                    compliance="drifted" if usb is not None else "compliant",
                    last_seen_at=to_micros(now - timedelta(days=seen_days)),
                )
            )

    def found(self, text: str, scope: Scope = EVERY, sort: Sorting = Sorting.SERIAL) -> str:
        asked = Asking.parse(text)
        assert asked.faults == ()
        query = asked.query(now=self.clock.now(), me="megan@contoso.com", sort=sort)
        seen, after = [], None
        while True:
            page = self.fleet.headsets(scope, query, after=after, limit=1)
            seen += [headset.serial for headset in page.headsets]
            after = page.next
            if after is None:
                return " ".join(seen)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.mark.parametrize("few", [True, False])
def test_each_filter_finds_what_it_says_whether_that_is_much_or_little(
    world: World, monkeypatch: pytest.MonkeyPatch, few: bool
) -> None:
    monkeypatch.setattr(filtering, "FEW", 0 if few else 1_000)
    monkeypatch.setattr(filtering, "MANY_PEOPLE", 200 if few else 1)
    world.out(world.megan, "H-1")
    world.out(world.nestor, "F-1")
    assert {text: world.found(text) for text in FOUND} == FOUND
    assert world.found("seen:>1d", Scope.of("fabrikam")) == "F-1"
    assert world.found("held-by:megan", Scope.of("fabrikam")) == ""


FOUND = {
    "": "F-1 H-1 H-2 N-1",
    "hl-h": "H-1 H-2",
    "client:own seen:<1d": "H-1",
    "build:<22621.1266": "F-1 H-2",
    "build:22621": "H-1 H-2",
    "build:>22621": "",
    "seen:>1d": "F-1 H-2",
    "seen:>30d compliance:late": "H-2",
    "seen:never": "N-1",
    "cert:<30d": "H-2",
    "cert:>30d": "F-1 H-1",
    "held-by:me": "H-1",
    "held-by:nestor@fabrikam.com": "F-1",
    'held-by:"Megan B"': "H-1",
    "held-by:nobody": "H-2 N-1",
    "held-by:somebody": "",
    'setting:"AllowUSBConnection=0"': "F-1 H-1",
    'setting:"Connectivity/AllowUSBConnection=1"': "H-2",
    'setting:"USBConnection=0"': "",
    'setting:"AllowCamera=1"': "",
}


def test_a_list_by_name_has_every_headset_once(world: World) -> None:
    world.publish(state_of())
    assert world.found("", sort=Sorting.NAME) == "F-1 H-1 H-2 N-1"
    assert world.found("", Scope.of("own"), Sorting.NAME) == "H-1 H-2"


def test_sites_are_those_of_the_scope(world: World) -> None:
    assert world.fleet.sites(EVERY) == ()
    assert world.fleet.sites(Scope.of("own")) == ()


def test_a_view_is_kept_for_its_owner_and_nobody_else(world: World) -> None:
    late = SavedView("Late ones", "compliance=late")
    world.fleet.save_view(MEGAN, "  Late   ones ", "compliance=drifted")
    world.fleet.save_view(MEGAN, "Late ones", "compliance=late")
    assert world.fleet.saved_views(MEGAN) == (late,)
    assert world.fleet.saved_views(staff("isaiah@contoso.com", Role.VIEWER)) == ()
    assert world.fleet.saved_views(LOCAL_ADMIN) == ()
    for name in ("", "x" * 61, "a\nb\x00"):
        with pytest.raises(InputError):
            world.fleet.save_view(MEGAN, name, "")
    for number in range(MOST - 1):
        world.fleet.save_view(MEGAN, f"view {number}", "")
    with pytest.raises(ConflictError):
        world.fleet.save_view(MEGAN, "one more", "")
    world.fleet.drop_view(MEGAN, "Late ones")
    world.fleet.drop_view(MEGAN, "Late ones")
    assert late not in world.fleet.saved_views(MEGAN)


def test_views_need_somebody_of_the_directory(world: World) -> None:
    for nobody in (LOCAL_ADMIN, staff("stranger@contoso.com", Role.VIEWER)):
        with pytest.raises(RefusedError):
            world.fleet.save_view(nobody, "mine", "")
