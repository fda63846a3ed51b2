"""A plan as text for people; the JSON form is :meth:`holofleet.plans.Plan.to_json`."""

from __future__ import annotations

from typing import Any

from holofleet.diagnostics.render import visible
from holofleet.plans.plan import ADOPT, Act, Change, FieldChange, Plan, SettingChange, some_of

__all__ = ["render_plan", "some_of"]
_SHOWN_VALUE = 72


def render_plan(plan: Plan) -> str:
    """Render a plan: what changes, on whom, what becomes weaker, what is not delivered, and its hash."""
    head = visible(plan.headline)
    if plan.empty:
        return f"{head}\n{_undelivered(plan)}"
    lines = [head, ""]
    lines.extend(line for change in plan.changes for line in _change(change))
    if plan.settings:
        lines += ["", "On the headsets:"]
        lines.extend(line for change in plan.settings for line in _setting(change))
    if plan.weakening:
        lines += ["", "Weaker afterwards:"]
        lines.extend(f"  ! {visible(text)}" for text in plan.weakening)
    lines += ["", f"Plan hash: {plan.hash}", ""]
    return "\n".join(lines) + _undelivered(plan)


def _change(change: Change) -> list[str]:
    renamed = f" (formerly {change.formerly.name})" if change.formerly else ""
    lines = [visible(f"  {change.act.sign} {change.act} {change.address}{renamed}")]
    if change.act is Act.UPDATE:
        lines.extend(visible(f"      {_field(f)}") for f in change.fields if f.field != "document")
    return lines


def _field(change: FieldChange) -> str:
    if change.field == ADOPT:
        taken = "it is taken over, and ours from then on, only with --adopt"
        return f"somebody else made it ({change.after}); {taken}"
    return f"{change.field}: {_short(change.before)} -> {_short(change.after)}"


def _setting(change: SettingChange) -> list[str]:
    who = f"{len(change.headsets)} headsets: {some_of(change.headsets)}"
    sign = "+" if change.before is None else "-" if change.after is None else "~"
    value = f"{_short(change.before)} -> {_short(change.after)}"
    return [visible(f"  {sign} {change.oma_uri}"), visible(f"      {value}   ({who})")]


def _short(value: Any) -> str:
    if value is None:
        return "not set"
    text = str(value)
    return text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 3] + "..."


def _undelivered(plan: Plan) -> str:
    if not plan.undelivered:
        return ""
    lines = [f"Not delivered by {plan.target} (keeps these headsets from being compliant):"]
    alike: dict[tuple[str, str, str], list[str]] = {}
    for item in plan.undelivered:
        place = f" ({item.path}:{item.line})" if item.path else ""
        whose = f"{item.deployment}: " if item.deployment else ""
        alike.setdefault((whose, place, item.reason), []).append(item.key)
    for (whose, place, reason), keys in alike.items():
        lines.append(visible(f"  ? {whose}{some_of(keys)}{place}: {reason}"))
    return "\n".join(lines) + "\n"
