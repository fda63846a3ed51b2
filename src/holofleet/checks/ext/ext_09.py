"""EXT-09: every account on a headset has a license of Remote Assist, where calls run in it."""

from __future__ import annotations

from holofleet.checks import calls, licensing
from holofleet.checks.rule import Rule

RULE = Rule(
    id="EXT-09",
    title="Every account on a headset has a license of Remote Assist",
    why="The license hangs on the account that signs in on the headset, be it a person's or the headset's own.",
    how="Where `assist.product` is `remote-assist`, every account of the deployment gets a product with the "
    "plan MICROSOFT_REMOTE_ASSIST: by a group (`groups[].licenses`), by `accounts.licenses`, or at the person. "
    "A plan that is switched off (`disabled_plans`) does not count, nor does a license for a device. Calls in "
    "holofleet need none.",
    mend="Write `groups: [{name: client-headsets, members: {accounts_of: [...]}, licenses: "
    "[MICROSOFT_REMOTE_ASSIST]}]`.",
    check=lambda case: licensing.lacks(
        case,
        calls.PLAN,
        "Remote Assist starts on the headset, and then tells its wearer that there is no license.",
    ),
    verification="the directory shows the license of each account as active",
    excused=calls.ours,
)
