"""How headsets join the directory and come under management, and whom the tenant lets do that."""

from __future__ import annotations

from holofleet.checks.case import Case
from holofleet.diagnostics import Position


def by_itself(case: Case) -> str:
    """Return the key by which headsets enroll by themselves; empty where a person enrolls each by hand."""
    if case.value("enrollment.join") == "entra" and case.value("enrollment.automatic"):
        return "enrollment.automatic"
    return "enrollment.autopilot" if case.value("enrollment.autopilot") is not None else ""


def unattended(case: Case) -> bool:
    """Tell whether Autopilot is the only way in: no account is named to set headsets up."""
    first = case.value("enrollment.first_account")
    return first in (None, "none") and case.value("enrollment.autopilot") is not None


def left_out(case: Case, groups: tuple[str, ...], upn: str | None) -> bool:
    """Tell whether none of the groups holds an account; a group that lists no members may hold anybody."""
    if upn is None:
        return False
    listed = [group for group in case.spec.model.groups if group.name in groups]
    return not any(upn in case.directory.members[group.name] or _unlisted(case, group.name) for group in listed)


def _unlisted(case: Case, name: str) -> bool:
    """Tell whether a group exists in the directory already and the file does not say who is in it."""
    group = next(group for group in case.spec.model.groups if group.name == name)
    said = group.members.upns or group.members.accounts_of
    return group.object_id is not None and not said


def refusal(case: Case, key: str, who: str, upn: str | None) -> tuple[str, Position] | None:
    """Return why the tenant does not let an account join or enroll, with the place; ``None`` where it does.

    Args:
        case: The deployment.
        key: ``auto_enrollment`` or ``device_join`` of the tenant.
        who: The key below it that says for whom.
        upn: The account that joins headsets; ``None`` where none is named.
    """
    setting = getattr(case.spec.model.tenant, key)
    scope = getattr(setting, who)
    if scope == "none":
        return "nobody", case.at("tenant", key, who)
    if scope == "some" and not setting.groups:
        return "some, and no group is named", case.at("tenant", key, who)
    if scope == "some" and left_out(case, setting.groups, upn):
        return f"{', '.join(setting.groups)}, where {upn} is not a member", case.at("tenant", key, "groups")
    return None
