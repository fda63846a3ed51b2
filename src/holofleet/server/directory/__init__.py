"""The directory: people, accounts of headsets, groups, and what each may do here.

What lives here: who there is, from which source (fleet file, SCIM, CSV, console), roles and the clients they hold
for, and leaving. What does not: how somebody proves who they are (:mod:`holofleet.server.access`), and what a role
allows (:mod:`holofleet.server.authorization`). Start reading at ``service.py``.
"""

from holofleet.server.directory.person import (
    CALL_ROLES,
    Account,
    Ending,
    Group,
    NewGroup,
    NewPerson,
    PeopleQuery,
    Person,
    PersonPage,
    Rights,
    Source,
)
from holofleet.server.directory.provisioning import ProvisioningService
from holofleet.server.directory.published import PublishedGroup, PublishedPerson, published_directory
from holofleet.server.directory.service import DirectoryService
from holofleet.server.directory.store import DirectoryStore, PersonChange

__all__ = [
    "CALL_ROLES",
    "Account",
    "DirectoryService",
    "DirectoryStore",
    "Ending",
    "Group",
    "NewGroup",
    "NewPerson",
    "PeopleQuery",
    "Person",
    "PersonChange",
    "PersonPage",
    "ProvisioningService",
    "PublishedGroup",
    "PublishedPerson",
    "Rights",
    "Source",
    "published_directory",
]
