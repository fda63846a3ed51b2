"""Provisioning packages for HoloLens 2: what they say, and the forms that it takes.

``customizations.xml`` is the input of the vendor's tool, which makes a ``.ppkg`` of it on Windows. Start reading
at :mod:`.model`; :mod:`.rules` holds what neither form expresses, :mod:`.reader` says what any package would do.
:mod:`.container` makes and opens the ``.ppkg`` itself: experimental, and not yet tried on a headset.
What does not live here: which deployment gets a package, and what is put into it
(:mod:`holofleet.desired.files.packages`).

Sources: 'Use a provisioning package to configure HoloLens', 'Windows Configuration Designer reference' and 'Bulk
enrollment using Windows Configuration Designer' (Microsoft), and exports of the vendor's tool. What no export was
seen of (first experience, kiosk on HoloLens, words for the values of policies) is marked as not verified.
"""

from __future__ import annotations

from holofleet.formats.provisioning_package.container import Opened, build, look
from holofleet.formats.provisioning_package.instructions import instructions
from holofleet.formats.provisioning_package.model import (
    BulkToken,
    Enrollment,
    FirstExperience,
    LocalUser,
    Package,
    Policy,
    RootCertificate,
    package_id,
)
from holofleet.formats.provisioning_package.reader import Contents, Entry, PackageError, read
from holofleet.formats.provisioning_package.render import render
from holofleet.formats.provisioning_package.rules import cautions, faults
from holofleet.formats.provisioning_package.tree import uncarried

__all__ = [
    "BulkToken",
    "Contents",
    "Enrollment",
    "Entry",
    "FirstExperience",
    "LocalUser",
    "Opened",
    "Package",
    "PackageError",
    "Policy",
    "RootCertificate",
    "build",
    "cautions",
    "faults",
    "instructions",
    "look",
    "package_id",
    "read",
    "render",
    "uncarried",
]
