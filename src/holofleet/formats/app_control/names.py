"""Names of the policy's XML that the writer and the reader share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from holofleet.formats.app_control.model import RuleKind

NAMESPACE = "urn:schemas-microsoft-com:sipolicy"

KINDS: Mapping[str, RuleKind] = MappingProxyType(
    {"Deny": RuleKind.DENY, "Allow": RuleKind.ALLOW, "FileAttrib": RuleKind.ATTRIBUTES}
)
GENERIC_KINDS: Mapping[str, RuleKind] = MappingProxyType(
    {"Exclude": RuleKind.DENY, "Match": RuleKind.ALLOW, "Attribute": RuleKind.ATTRIBUTES}
)
TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "FileName": "file_name",
        "InternalName": "internal_name",
        "FileDescription": "file_description",
        "ProductName": "product_name",
        "PackageFamilyName": "package_family",
        "FilePath": "file_path",
    }
)
"""Field of a file rule by attribute."""

GROUPS = ("ProductSigners", "TestSigners", "TestSigningSigners")


def full(local: str) -> str:
    """Return the full name of an element."""
    return f"{{{NAMESPACE}}}{local}"
