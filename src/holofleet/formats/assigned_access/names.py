"""The four namespaces that HoloLens kiosks need.

Prefixes are not stable between publications (``v5`` is 2022/config in the pages for PCs and 202010/config in those
for HoloLens), so everything here goes by URI.
"""

BASE = "http://schemas.microsoft.com/AssignedAccess/2017/config"
RS5 = "http://schemas.microsoft.com/AssignedAccess/201810/config"
V3 = "http://schemas.microsoft.com/AssignedAccess/2020/config"
V5 = "http://schemas.microsoft.com/AssignedAccess/202010/config"


def base(local: str) -> str:
    """Return the full name of an element of the base namespace."""
    return f"{{{BASE}}}{local}"
