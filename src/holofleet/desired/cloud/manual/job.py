"""What manual steps are made from: a fleet file and one of its tenants; and how they are put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from holofleet.desired.cloud.tenancy import Tenancy
from holofleet.resources import ManualStep
from holofleet.spec import EffectiveDeployment, Spec

ENTRA = "https://entra.microsoft.com"
INTUNE = "https://intune.microsoft.com"
_NOBODY = "NAME@DOMAIN"
_QUOTES = "'\u2018\u2019\u201a\u201b"
"""PowerShell ends a text at any of these. Source: its language specification, single-quoted strings."""


def quoted(text: str) -> str:
    """Return a text as PowerShell reads it back: nothing inside is expanded or run."""
    return "'" + "".join(letter * 2 if letter in _QUOTES else letter for letter in text) + "'"


def filtered(attribute: str, value: str) -> str:
    """Return a filter of Exchange and compliance commands (``Company -eq 'Fabrikam'``), not yet quoted itself."""
    return f"{attribute} -eq {quoted(value)}"


@dataclass(frozen=True, slots=True)
class Job:
    """A fleet file, and the tenant in which somebody works."""

    spec: Spec
    tenancy: Tenancy

    def deployments(self, *scenarios: str) -> tuple[EffectiveDeployment, ...]:
        """Return the deployments that one of the scenarios binds; none where the headsets are not here."""
        wanted = set(scenarios)
        return tuple(
            one
            for one in self.spec.deployments()
            if self.tenancy.headsets and (not wanted or wanted & set(one.all_scenarios))
        )

    @property
    def graph(self) -> str:
        """The line that connects a person's PowerShell with Graph, up to the scopes."""
        return f"Connect-MgGraph -TenantId {quoted(self.tenancy.id)} -Scopes "

    @property
    def teams(self) -> str:
        """The line that connects a person's PowerShell with Teams."""
        return f"Connect-MicrosoftTeams -TenantId {quoted(self.tenancy.id)}"

    def step(
        self,
        name: str,
        title: str,
        *,
        reason: str,
        rule: str,
        steps: Iterable[str],
        commands: Iterable[str] = (),
        attested: bool = False,
        see: str = "",
    ) -> ManualStep:
        """Return a step with the attestation that the file has of it.

        Args:
            attested: The guide's statement is closed by an attestation.
            see: What the attestation would say.
        """
        said = [one for one in self.spec.model.attestations if one.rule == rule and one.deployment is None]
        last = max(said, key=lambda one: one.until, default=None)
        until: date | None = last.until if last is not None else None
        return ManualStep(
            name=name,
            title=title,
            reason=reason,
            rule=rule,
            steps=tuple(steps),
            commands=tuple(commands),
            attest=self._attest(rule, see) if attested else "",
            attested_by=last.by if last is not None and attested else "",
            attested_until=until if attested else None,
        )

    def _attest(self, rule: str, see: str) -> str:
        people = self.spec.model.people
        admins = [one.upn for one in people if "administrator" in one.roles and not one.guest]
        by = admins[0] if admins else _NOBODY
        return f"{{rule: {rule}, by: {by}, on: YYYY-MM-DD, until: YYYY-MM-DD, seen: {see}}}"
