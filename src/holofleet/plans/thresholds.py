"""Thresholds that only an explicit flag passes: mass deletion.

A plan that deletes more than two resources of a kind, or more than 5 % of them, is stopped unless the operator
says how many deletions are meant. The numbers follow the fleet-wide limit of the security requirements (WIPE-2).
"""

from __future__ import annotations

from collections import Counter

from holofleet.errors import RefusedError
from holofleet.plans.plan import Plan

FREE_DELETIONS = 2
FREE_SHARE = 0.05


class MassDeletionError(RefusedError):
    """The plan deletes more than is allowed without saying so."""

    exit_status = 2


def check_thresholds(plan: Plan, *, allow_deletion: int | None = None) -> None:
    """Refuse a plan that deletes many resources.

    Args:
        plan: The plan about to be applied.
        allow_deletion: How many deletions the operator expects (``--allow-deletion N``).

    Raises:
        MassDeletionError: more deletions than allowed; the message names the kinds and numbers.
    """
    total = len(plan.deletions)
    if allow_deletion is not None:
        if total > allow_deletion:
            raise MassDeletionError(
                f"the plan deletes {total} resources, {allow_deletion} are allowed",
                mend=f"Look at the plan; when all are meant, say --allow-deletion {total}.",
            )
        return
    over = {
        kind: count
        for kind, count in Counter(change.address.kind for change in plan.deletions).items()
        if count > max(FREE_DELETIONS, int(plan.told_counts.get(kind, 0) * FREE_SHARE))
    }
    if over:
        listed = ", ".join(f"{count} of {plan.told_counts.get(kind, 0)} {kind}s" for kind, count in over.items())
        raise MassDeletionError(
            f"the plan deletes {listed}",
            detail="That many deletions at once are more often a mistake in the file than a wish.",
            mend=f"Look at the plan; when all are meant, say --allow-deletion {total}.",
        )
