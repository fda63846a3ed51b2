"""App control policies (WDAC): ``./Device/Vendor/MSFT/ApplicationControl/Policies/{PolicyGUID}/Policy``.

What lives here: the values of a policy (:mod:`.model`, start reading there), its XML (:mod:`.reader`,
:mod:`.render`), the binary that a headset takes (:mod:`.compiler`, :mod:`.order`, :mod:`.decompiler`,
:mod:`.signed`), what both must obey (:mod:`.rules`), what would leave a headset unusable (:mod:`.dangers`), and
the policy that blocks a few apps (:mod:`.blocking`, :mod:`.windows`, :mod:`.trust`). What does not: which policy a
deployment gets, and how it travels.

The binary was laid out after public readers and compared with files that the vendor's tool made; nothing of it
has been seen on a headset.
"""

from holofleet.formats.app_control.blocking import POLICY_ID, Base, block
from holofleet.formats.app_control.compiler import DEFAULT_FORMAT, FORMATS, compile_policy
from holofleet.formats.app_control.dangers import Danger, dangers, package_danger
from holofleet.formats.app_control.decompiler import MAX_BYTES, Binary, read_any, read_binary
from holofleet.formats.app_control.error import AppControlError
from holofleet.formats.app_control.model import (
    FileRule,
    Policy,
    RootKind,
    RuleKind,
    Scenario,
    Setting,
    Signer,
    SignerRef,
    Signers,
    Version,
)
from holofleet.formats.app_control.order import Ties, before
from holofleet.formats.app_control.reader import parse
from holofleet.formats.app_control.render import render
from holofleet.formats.app_control.rules import faults
from holofleet.formats.app_control.trust import Trusted, trusted

__all__ = [
    "DEFAULT_FORMAT",
    "FORMATS",
    "MAX_BYTES",
    "POLICY_ID",
    "AppControlError",
    "Base",
    "Binary",
    "Danger",
    "FileRule",
    "Policy",
    "RootKind",
    "RuleKind",
    "Scenario",
    "Setting",
    "Signer",
    "SignerRef",
    "Signers",
    "Ties",
    "Trusted",
    "Version",
    "before",
    "block",
    "compile_policy",
    "dangers",
    "faults",
    "package_danger",
    "parse",
    "read_any",
    "read_binary",
    "render",
    "trusted",
]
