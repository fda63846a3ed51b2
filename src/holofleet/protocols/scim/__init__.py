"""SCIM 2.0: the language in which a provider pushes people (RFC 7643, RFC 7644).

What lives here: filters (``filters.py``), patches (``patch.py``), the shape of users and groups (``resources.py``)
and errors. What does not: HTTP, and who may push whom. Start reading at ``resources.py``.
"""

from holofleet.protocols.scim.errors import ScimError, ScimType
from holofleet.protocols.scim.filters import Filter, equality, parse_filter
from holofleet.protocols.scim.patch import apply_patch
from holofleet.protocols.scim.resources import (
    ERROR,
    GROUP,
    LIST,
    PATCH,
    USER,
    GroupData,
    UserData,
    group_resource,
    read_group,
    read_user,
    user_resource,
)

__all__ = [
    "ERROR",
    "GROUP",
    "LIST",
    "PATCH",
    "USER",
    "Filter",
    "GroupData",
    "ScimError",
    "ScimType",
    "UserData",
    "apply_patch",
    "equality",
    "group_resource",
    "parse_filter",
    "read_group",
    "read_user",
    "user_resource",
]
