"""``compile``: the fleet file becomes a State. Pure: the same file gives the same bytes.

Per deployment, its headsets are split into variants; each variant's typed keys and raw settings are written on a
sheet, the sheet is resolved into one document, and equal documents are one document. All findings of all
deployments are collected before anything is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from holofleet import resources
from holofleet.desired import calls, cloud, directory, raw
from holofleet.desired.errors import CompileError
from holofleet.desired.files import files
from holofleet.desired.groups import GROUPS, OWNERS
from holofleet.desired.resolution import Resolved, resolve
from holofleet.desired.sheet import Missing, Sheet
from holofleet.desired.variants import Placed, Variant, variants
from holofleet.desired.wanted import Wanted
from holofleet.diagnostics import Finding
from holofleet.resources import Document, Origin, Resource, State, Undelivered
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.headset import Headset

TARGETS = frozenset({"server", "graph", "files"})


def compile(spec: Spec, *, target: str = "server", tenant: str | None = None) -> State:  # noqa: A001 - the verb of this room
    """Return the desired State of a fleet file.

    Args:
        spec: A fleet file without faults.
        target: Who delivers: ``server``, ``graph`` or ``files``.
        tenant: With target ``graph``, whose State: ``owning`` or ``service``. Without a word, the tenant with the
            headsets, which is the only one unless the file has a service tenant.

    Raises:
        CompileError: statements of one strength about one node, raw settings for a node that a typed key owns,
            or values that a node does not take; all findings at once.
        ValueError: there is no such target, or the file has no such tenant.
    """
    if target not in TARGETS:
        raise ValueError(f"no target {target!r}; there are {', '.join(sorted(TARGETS))}")
    if tenant is not None and target != cloud.TARGET:
        raise ValueError(f"the target {target} has no tenant")
    tenancy = cloud.chosen(spec, tenant)
    made = _Made()
    for deployment in spec.deployments():
        found = tuple(variants(spec, deployment, target=target))
        for variant in found:
            made.add(variant)
        made.deployments.append(directory.deployment(found[0].wanted, deployment.client))
    nouns = [*directory.static(spec.model), *made.accounts(spec), *made.deployments, *made.headsets]
    if target == cloud.TARGET:
        return _with_cloud(spec, made, nouns, tenancy)
    if made.findings:
        raise CompileError(made.findings)
    # Who has what, and who may call whom, is kept by the server alone.
    kept = [*directory.loans(spec.model), *calls.resources_of(spec)] if target == "server" else ()
    state = State(
        [*nouns, *kept],
        made.documents.values(),
        origins=made.origins,
        undelivered=made.undelivered,
    )
    return _with_files(spec, state) if target == "files" else state


def _with_cloud(spec: Spec, made: _Made, nouns: Iterable[Resource], tenancy: cloud.Tenancy) -> State:
    draft = cloud.Draft(
        spec, cloud.cohorts(made.placements), made.accounts_of, {one.address: one for one in nouns}
    )
    cloud.write(draft)
    findings = [*made.findings, *draft.findings]
    if findings:
        raise CompileError(findings)
    kept = [*cloud.part(spec, tenancy, draft.resources.values()), *cloud.manual.steps(spec, tenancy)]
    if not tenancy.headsets:
        return State(kept)
    return State(
        kept,
        made.documents.values(),
        origins=made.origins,
        undelivered=[*made.undelivered, *draft.undelivered],
        contents=draft.contents,
    )


def _with_files(spec: Spec, state: State) -> State:
    found = [(one.file, one.bytes) for one in files(spec, state)]
    return State(
        [*state.resources.values(), *(file for file, _ in found)],
        state.documents.values(),
        origins=state.origins,
        undelivered=state.undelivered,
        contents={file.sha256: content for file, content in found},
    )


def write(wanted: Wanted) -> tuple[Sheet, Resolved]:
    """Write one variant's sheet and resolve it."""
    sheet = Sheet(wanted)
    for group in GROUPS:
        group.compile(sheet)
    raw.write(sheet)
    return sheet, resolve(sheet, OWNERS)


@dataclass
class _Made:
    """What was made so far; ``origins`` and ``undelivered`` keep each entry once, in order."""

    documents: dict[str, Document] = field(default_factory=dict)
    headsets: list[resources.Headset] = field(default_factory=list)
    deployments: list[resources.Deployment] = field(default_factory=list)
    origins: dict[Origin, None] = field(default_factory=dict)
    undelivered: dict[Undelivered, None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    used: list[tuple[EffectiveDeployment, Headset, str | None]] = field(default_factory=list)
    placements: list[cloud.Placement] = field(default_factory=list)

    def add(self, variant: Variant) -> None:
        sheet, resolved = write(variant.wanted)
        self.findings.extend(sheet.findings)
        self.undelivered.update(dict.fromkeys(missing.item for missing in sheet.missing))
        self.origins.update(dict.fromkeys(_origins(variant.wanted.name, resolved)))
        if not variant.headsets:
            return
        document = self.documents.setdefault(resolved.document.hash, resolved.document)
        blocking = _blocking(sheet.missing, variant.wanted.target)
        deployment = variant.wanted.deployment
        self.placements.append(_placement(variant, document.hash))
        for placed in variant.headsets:
            self.headsets.append(_headset(deployment, placed, document.hash, blocking))
            self.used.append((deployment, placed.headset, placed.account))

    def accounts(self, spec: Spec) -> Iterable[Resource]:
        """Return the users that accounts of headsets are, and the groups that they belong to."""
        ordered = sorted(self.used, key=lambda item: item[1].serial)
        return [*directory.accounts(spec, ordered), *directory.groups(spec.model, self.accounts_of)]

    @property
    def accounts_of(self) -> dict[str, frozenset[str]]:
        """UPNs of the accounts of headsets, by deployment."""
        members: dict[str, set[str]] = {}
        for deployment, _, upn in self.used:
            if upn is not None:
                members.setdefault(deployment.name, set()).add(upn)
        return {name: frozenset(upns) for name, upns in members.items()}


def _placement(variant: Variant, document: str) -> cloud.Placement:
    first = variant.headsets[0]
    return cloud.Placement(
        deployment=variant.wanted.deployment,
        site=first.site,
        autopilot=variant.wanted.autopilot,
        account=variant.wanted.account,
        build=first.headset.build or "",
        document=document,
        headsets=tuple(placed.headset for placed in variant.headsets),
    )


def _origins(deployment: str, resolved: Resolved) -> Iterable[Origin]:
    for winner in resolved.winners:
        yield Origin(
            deployment=deployment,
            oma_uri=winner.oma_uri,
            layer=winner.layer.value,
            key=winner.key,
            path=winner.position.path if winner.position else "",
            line=winner.position.line if winner.position else 0,
            rule=winner.rule,
        )


def _blocking(missing: Iterable[Missing], target: str) -> tuple[str, ...]:
    return tuple(sorted({one.item.key for one in missing if one.blocks and one.item.target in ("all", target)}))


def _headset(
    deployment: EffectiveDeployment, placed: Placed, document: str, undelivered: tuple[str, ...]
) -> resources.Headset:
    headset = placed.headset
    account = {} if placed.account is None else {"account": placed.account}
    return resources.Headset(
        serial=headset.serial,
        name=headset.name or headset.asset or "",
        deployment=deployment.name,
        client=deployment.client,
        site=placed.site,
        document=document,
        variables={"serial": headset.serial} | account,
        autopilot=headset.autopilot,
        formerly=headset.formerly,
        undelivered=undelivered,
    )
