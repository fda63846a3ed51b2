"""Settings of the whole tenant that the guides ask to look at: stated only where the file says them.

They touch everybody in the tenant, so that they are compared always and written only when somebody names them.
Serves SHR-43, SHR-45, SHR-49, EXT-51, PREP-10.

Source: 'Deploying Remote Assist using a shared identity', section Considerations (Microsoft, 2024-06-27).
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.cloud.draft import Draft
from holofleet.resources import TenantSetting
from holofleet.resources.cloud import Plain
from holofleet.spec.model.organization import AutoEnrollment, DeviceJoin, Tenant

_EVERYBODY = "Every user of the tenant, not only those of the headsets."


def write(draft: Draft) -> None:
    """Write what the tenant part of the file says, and password validity of account domains."""
    tenant = draft.spec.model.tenant
    for setting in _said(tenant):
        draft.add(setting)
    _validity(draft)


def _said(tenant: Tenant) -> Iterator[TenantSetting]:
    if "device_join" in tenant.model_fields_set:
        yield TenantSetting(
            name="device-join",
            display_name="Who may join devices, and how many",
            value=_scope(tenant.device_join.users, tenant.device_join) | {"quota": tenant.device_join.quota},
            rule="SHR-49",
            touches=_EVERYBODY,
        )
    if tenant.user_app_registration is not None:
        yield TenantSetting(
            name="user-app-registration",
            display_name="Users may register applications",
            value={"allowed": tenant.user_app_registration},
            rule="SHR-45",
            touches=_EVERYBODY,
        )
    if "auto_enrollment" in tenant.model_fields_set:
        yield TenantSetting(
            name="automatic-enrollment",
            display_name="Whose devices are enrolled when they join",
            value=_scope(tenant.auto_enrollment.scope, tenant.auto_enrollment),
            rule="PREP-10",
            touches="Every device that its users join to the directory, not only headsets.",
            delegated_only=True,
        )


def _scope(word: str, said: AutoEnrollment | DeviceJoin) -> dict[str, Plain]:
    return {"users": word, "groups": tuple(sorted(said.groups)) if word == "some" else ()}


def _validity(draft: Draft) -> None:
    """Password validity is a property of a domain, so that all deployments on one domain have to agree."""
    by_domain: dict[str, tuple[int, str]] = {}
    for deployment in draft.deployments:
        accounts = deployment.settings.accounts
        days = accounts.password.expires_after_days if accounts is not None and accounts.password else None
        if not isinstance(days, int) or accounts is None:
            continue
        domain = accounts.domain or draft.spec.model.tenant.domain
        known, first = by_domain.setdefault(domain, (days, deployment.name))
        if known != days:
            draft.fault(
                f"accounts.password.expires_after_days: {first} says {known} and {deployment.name} says {days} "
                f"for the domain {domain}",
                detail="Password validity is a property of a domain: one number for everybody in it.",
                mend="Say the same, or give one of them a domain of its own (accounts.domain).",
                at=deployment.origin("accounts.password.expires_after_days").position,
            )
    for domain, (days, _) in by_domain.items():
        draft.add(
            TenantSetting(
                name=f"password-validity.{domain}",
                display_name=f"Days until a password of {domain} expires",
                value={"domain": domain, "days": days},
                rule="EXT-51",
                touches=f"Every account of the domain {domain} whose own password may expire.",
            )
        )
