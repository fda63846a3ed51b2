"""SHR-01: shared accounts sign in with certificates."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import sharing
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, NotApplicable, Rule

_ISSUER = ("accounts.certificate.issuer_name", "accounts.certificate.issuer_thumbprint")
_BETTER = "Write `accounts: {kind: shared-certificate}` with a `certificate`."


def _excused(case: Case) -> NotApplicable | None:
    reason = case.value("accounts.manual_because")
    if sharing.by_hand(case) and reason is not None:
        return NotApplicable(f"set up by hand, because: {' '.join(reason.split())}")
    return None


def _check(case: Case) -> Iterator[Fault]:
    if sharing.by_hand(case):
        yield Fault(
            f"{case.name} sets shared accounts up by hand and does not say why",
            case.place("accounts.kind"),
            f"{_BETTER} Or say in `accounts: {{manual_because: ...}}` why that cannot be.",
            "By hand, a person sets each headset up and looks after its PIN and its second factor. With "
            "certificates there is neither.",
        )
    elif not sharing.by_certificate(case):
        yield Fault(
            f"{case.name} is of the scenario shared-identity and its accounts are not shared",
            case.place("accounts.kind"),
            f"{_BETTER} Or choose another scenario.",
            "The guide is about accounts that many people use in turn. Accounts of single persons need another "
            "one.",
        )
    elif not any(case.value(key) for key in _ISSUER):
        yield Fault(
            f"{case.name} signs in with certificates, and nothing says who issues them",
            case.place("accounts.certificate"),
            'Write `accounts: {certificate: {issuer_name: "CN=Contoso Devices", scep_url: ...}}` with yours.',
            "A headset picks the certificate by its issuer. Without one it has no shared account at all.",
        )


RULE = Rule(
    id="SHR-01",
    title="Shared accounts sign in with certificates",
    why="A certificate in the headset signs the account in: no PIN to pass around, no second factor to look "
    "after, no set-up by hand on each headset. By hand, all of that is somebody's work for as long as the fleet "
    "lives.",
    how="`accounts.kind` is `shared-certificate` and `accounts.certificate` names the issuer; headsets have to "
    "report that they know it. Where accounts are set up by hand, `accounts.manual_because` says why, and the "
    "statement then does not apply: it advises, and somebody has decided otherwise for a reason.",
    mend="Move to `accounts: {kind: shared-certificate, certificate: {...}}`, or say why accounts are set up by "
    "hand.",
    check=_check,
    nodes=(
        Enforced(
            "./Device/Vendor/MSFT/Policy/Config/MixedReality/ConfigureSharedAccount", ("accounts.kind", *_ISSUER)
        ),
    ),
    verification="each headset holds its certificate, and the sign-in log shows that its account signs in with it",
    excused=_excused,
)
