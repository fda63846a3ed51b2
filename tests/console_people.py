"""People for the console's tests: some with roles, some of a client, accounts of headsets, and one who left."""

from __future__ import annotations

from tests.console_world import ConsoleWorld

from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.directory import Account, NewGroup, NewPerson, Person

MEGAN, ISAIAH, LEE, ADELE = "megan@contoso.com", "isaiah@contoso.com", "lee@contoso.com", "adele@contoso.com"
GRADY, NESTOR = "grady@contoso.com", "nestor@northwind.example"
CLIENT = "northwind"
LONG = "the-technician-with-a-very-long-name.of-the-night-shift@maintenance.plants.contoso.com"


def add_people(world: ConsoleWorld, *, more: int = 0) -> dict[str, Person]:
    """Add them to a published fleet; ``more`` wearers beside, for a second page."""
    directory, found = world.services.directory, {}

    def add(upn: str, name: str, *, client: str = "own", account: Account = Account.PERSON, **more: str) -> None:
        calls = frozenset({"expert"} if upn in (MEGAN, NESTOR) else {"wearer"} if upn == ISAIAH else ())
        new = NewPerson(upn, name, client, account, calls, more.get("site", ""), more.get("email", ""))
        found[upn] = directory.add(LOCAL_ADMIN, new)

    add(MEGAN, "Megan Bowen", email="megan.bowen@contoso.com", site="contoso-desk")
    add(ISAIAH, "Isaiah Langer")
    add(LEE, "Lee Gu")
    add(ADELE, "Adele Vance")
    add(GRADY, "Grady Archie")
    add(LONG, "")
    add("hl-line3-14@contoso.com", "Line 3, headset 14", account=Account.SHARED)
    add(NESTOR, "Nestor Wilke", client=CLIENT)
    for upn, role in (
        (MEGAN, Role.ADMINISTRATOR),
        (LEE, Role.DEPLOYER),
        (LEE, Role.AUDITOR),
        (ADELE, Role.HELPDESK),
    ):
        directory.give_role(LOCAL_ADMIN, found[upn].id, role)
    for number in range(more):
        add(f"wearer-{number:03}@contoso.com", f"Wearer {number:03}")
    members = frozenset({found[ISAIAH].id, found[MEGAN].id})
    directory.add_group(LOCAL_ADMIN, NewGroup("night-shift", "Night shift", members=members))
    directory.leave(LOCAL_ADMIN, found[GRADY].id, reason="Moved to another company")
    return {upn: directory.person(LOCAL_ADMIN, person.id) for upn, person in found.items()}
