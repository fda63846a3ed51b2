"""``holofleet app-control``: app control policies between XML and the binary that headsets take."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from holofleet.cli.disk import read_file, write_file
from holofleet.cli.output import CLEAN, FOUND, TextOrJson, note, print_json
from holofleet.diagnostics.render import visible
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.formats.app_control import Binary, Policy, Signer

app = App(name="app-control", help="Compile app control policies, and look into compiled ones.")

_LARGEST = 4 << 20


@app.command
def compile(
    policy: Annotated[Path, Parameter(help="The policy as XML.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="File to write: the binary, or its base64 with --base64.")],
    form: Annotated[int, Parameter(name="--form", help="Format of the binary: 7 or 8.")] = 7,
    base64_text: Annotated[
        bool, Parameter(name="--base64", negative="", help="Write one line of base64, as the node takes it.")
    ] = False,
    ties: Annotated[
        Literal["powershell", "stable"],
        Parameter(help="Order of equal file rules: as the vendor's tool leaves it, or as in the XML."),
    ] = "powershell",
) -> int:
    """Compile a policy, and say what could leave a headset unusable: exit status 1, and nothing is written."""
    from holofleet.formats import app_control as wdac

    if form not in wdac.FORMATS:
        raise InputError(f"format {form} is not written", mend="Take 7 or 8.")
    read = wdac.parse(read_file(policy, _LARGEST))
    found = wdac.dangers(read)
    for danger in found:
        note(f"{policy}: {danger.summary}")
        note(f"    {danger.mend}")
    if found:
        return FOUND
    data = wdac.compile_policy(read, form, ties=wdac.Ties(ties))
    if len(data) > wdac.MAX_BYTES:
        raise InputError(f"the policy has {len(data):,} bytes; {wdac.MAX_BYTES:,} are possible")
    write_file(out, base64.b64encode(data) if base64_text else data)
    note(
        f"{out}: {len(data):,} bytes, for ./Device/Vendor/MSFT/ApplicationControl/Policies/{read.policy_id}/Policy"
    )
    return CLEAN


@app.command
def show(
    file: Annotated[Path, Parameter(help="A policy: compiled, its base64, or XML.")],
    /,
    *,
    xml: Annotated[bool, Parameter(negative="", help="Print it as XML.")] = False,
    format: TextOrJson = "text",
) -> int:
    """Say what a policy does. Names of rules and signers are in its XML only, a compiled one has none."""
    from holofleet.formats import app_control as wdac

    policy, binary = wdac.read_any(read_file(file, _LARGEST))
    if xml:
        # Equal rules stand so that `compile` makes the same bytes of them.
        print(wdac.render(policy if binary is None else wdac.before(policy, wdac.Ties.POWERSHELL)), end="")
        return CLEAN
    facts = _facts(policy, binary)
    if format == "json":
        print_json(facts)
        return CLEAN
    for key, value in facts.items():
        lines = value if isinstance(value, list) else [value]
        for line in lines:
            print(visible(f"{key:<9} {line}"))
    return CLEAN


def _facts(policy: Policy, binary: Binary | None) -> dict[str, Any]:
    from holofleet.formats import app_control as wdac

    rules = [
        f"{rule.kind.name.lower()} {' '.join(text for text in rule.texts if text) or rule.hash.hex()}"
        for rule in policy.file_rules
    ]
    return {
        "id": str(policy.policy_id),
        "base": str(policy.base_id),
        "name": policy.name,
        "version": str(policy.version),
        "form": "XML" if binary is None else binary.form,
        "signed": binary is not None and binary.signed,
        "option": sorted(policy.options),
        "rule": rules,
        "signer": [_signer(signer) for signer in policy.signers],
        "scenario": [scenario.value for scenario in policy.scenarios],
        "danger": [f"{danger.summary}: {danger.mend}" for danger in wdac.dangers(policy)],
    }


def _signer(signer: Signer) -> str:
    root = signer.tbs.hex() if signer.tbs else f"well-known root {signer.well_known:02X}"
    named = (signer.name, signer.publisher, signer.issuer, signer.oem_id)
    return " ".join(text for text in (root, *named) if text)
