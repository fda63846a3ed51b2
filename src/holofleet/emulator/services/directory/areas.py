"""What the services of the directory have in common: quota, words, least permissions."""

from __future__ import annotations

from holofleet.emulator.message import Family
from holofleet.emulator.routing import Area, Quota

USERS = Area(
    Quota.IDENTITY,
    Family.DIRECTORY,
    read=("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
    write=("User.ReadWrite.All", "Directory.ReadWrite.All"),
)
GROUPS = Area(
    Quota.IDENTITY,
    Family.DIRECTORY,
    read=(
        "GroupMember.Read.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ),
    write=("Group.ReadWrite.All", "Directory.ReadWrite.All"),
)
MEMBERS = Area(
    Quota.IDENTITY,
    Family.DIRECTORY,
    read=(*GROUPS.read, "GroupMember.ReadWrite.All"),
    write=("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"),
)
LICENSES = Area(
    Quota.IDENTITY,
    Family.DIRECTORY,
    read=(
        "LicenseAssignment.Read.All",
        "LicenseAssignment.ReadWrite.All",
        "Organization.Read.All",
        "Directory.Read.All",
    ),
    write=("LicenseAssignment.ReadWrite.All", "Directory.ReadWrite.All"),
)
DEVICES = Area(
    Quota.IDENTITY,
    Family.DIRECTORY,
    read=("Device.Read.All", "Device.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
    write=("Device.ReadWrite.All", "Directory.ReadWrite.All"),
)
ORGANIZATION = Area(
    Quota.IDENTITY,
    Family.DIRECTORY,
    read=("Organization.Read.All", "Directory.Read.All", "User.Read.All", "Directory.ReadWrite.All"),
    write=("Organization.ReadWrite.All",),
)
DOMAINS = Area(
    Quota.IDENTITY,
    Family.DIRECTORY,
    read=("Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All"),
    write=("Domain.ReadWrite.All",),
)
