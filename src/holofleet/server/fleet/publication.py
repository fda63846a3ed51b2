"""A State as the server takes it over: rows for clients, deployments, headsets, and the documents they need."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from holofleet.errors import InputError
from holofleet.resources import Client, Deployment, Document, Headset, Setting, Site, State
from holofleet.server.assist.policy import PublishedCalls, published_calls
from holofleet.server.directory import PublishedGroup, PublishedPerson, published_directory
from holofleet.server.licenses import PublishedLicenses, published_licenses
from holofleet.server.loans import PublishedLoan, published_loans
from holofleet.server.management.prepared import TENANT_LOCK

OWN = "own"
NEAR_OFFLINE = "near-offline"
LAYERS = ("holofleet", "baseline", "scenario", "defaults", "deployment")
"""From weakest to strongest."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A State that was taken over. ``hash`` is that of the State; ``changed`` is false where nothing was new."""

    id: str
    hash: str
    at: datetime
    actor: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the server was told last; an empty State, and no moment, if it never was."""

    state: Mapping[str, Any]
    hash: str
    published_at: datetime | None
    actor: str


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """A deployment to be stored. ``common_hash``: the document for headsets whose serial is not known yet."""

    name: str
    client: str
    data: str
    common_hash: str
    undelivered: str


@dataclass(frozen=True, slots=True)
class HeadsetRow:
    """A headset to be stored; JSON parts as text, so that equal headsets compare equal."""

    serial: str
    client: str
    deployment: str
    name: str
    site: str | None
    document_hash: str
    variables: str
    autopilot: int
    undelivered: str
    verify_every_h: int


@dataclass(frozen=True, slots=True)
class PublishedFleet:
    """Everything that a publication stores beside the State's own text."""

    clients: tuple[tuple[str, str], ...]
    deployments: tuple[DeploymentRow, ...]
    headsets: tuple[HeadsetRow, ...]
    documents: tuple[tuple[str, str], ...]
    origins: tuple[tuple[str, str, str, str], ...]
    people: tuple[PublishedPerson, ...] = ()
    groups: tuple[PublishedGroup, ...] = ()
    loans: tuple[PublishedLoan, ...] = ()
    licenses: PublishedLicenses = field(default_factory=PublishedLicenses)
    calls: PublishedCalls = field(default_factory=PublishedCalls)
    sites: tuple[tuple[str, str, str], ...] = ()


def prepare(state: State) -> PublishedFleet:
    """Return what a State means for the server's tables; pure.

    Raises:
        InputError: a headset is in a deployment that the State does not have.
    """
    placed = state.deployments  # once: the State looks through everything that it has for each such question
    homeless = sorted(h.serial for h in state.headsets.values() if h.deployment not in placed)
    if homeless:
        raise InputError("headsets refer to deployments that are not there", detail=", ".join(homeless[:3]))
    members: dict[str, list[Headset]] = defaultdict(list)
    for headset in state.headsets.values():
        members[headset.deployment].append(headset)
    documents = dict(state.documents)
    deployments = []
    for deployment in placed.values():
        common = common_document([state.documents[h] for h in {m.document for m in members[deployment.name]}])
        documents[common.hash] = common
        undelivered = [
            {"key": item.key, "reason": item.reason, "path": item.path, "line": item.line}
            for item in state.undelivered
            if item.deployment == deployment.name and item.target in ("all", "server")
        ]
        deployments.append(
            DeploymentRow(
                deployment.name,
                deployment.client,
                deployment.model_dump_json(),
                common.hash,
                json.dumps(undelivered, ensure_ascii=False),
            )
        )
    people, groups = published_directory(state)
    names = {OWN: "", **{client.name: client.display_name for client in state.of_kind(Client).values()}}
    return PublishedFleet(
        clients=tuple(names.items()),
        deployments=tuple(deployments),
        headsets=tuple(_headset(h, placed[h.deployment]) for h in state.headsets.values()),
        documents=tuple((key, json.dumps(d.to_json(), ensure_ascii=False)) for key, d in documents.items()),
        origins=_origins(state),
        people=people,
        groups=groups,
        loans=published_loans(state),
        licenses=published_licenses(state),
        calls=published_calls(state),
        sites=tuple((s.client, s.name, s.model_dump_json()) for s in state.of_kind(Site).values()),
    )


def common_document(documents: list[Document]) -> Document:
    """Return the settings that all documents share and that may go to a headset that nobody knows yet.

    No variable, no secret (SECURITY ENR-7), and not the tenant lock, which could strand a stranger's headset.
    """
    if not documents:
        return Document(())
    first = min(documents, key=lambda document: document.hash)

    def shared(setting: Setting) -> bool:
        bare = not setting.variables and setting.oma_uri != TENANT_LOCK
        return bare and all(document.by_uri.get(setting.oma_uri) == setting for document in documents)

    return Document(tuple(setting for setting in first.settings if shared(setting)))


def _headset(headset: Headset, deployment: Deployment) -> HeadsetRow:
    each_visit = NEAR_OFFLINE in deployment.scenarios
    return HeadsetRow(
        serial=headset.serial,
        client=headset.client,
        deployment=headset.deployment,
        name=headset.name,
        site=headset.site,
        document_hash=headset.document,
        variables=json.dumps({"serial": headset.serial, **headset.variables}, sort_keys=True, ensure_ascii=False),
        autopilot=int(headset.autopilot),
        undelivered=json.dumps(list(headset.undelivered), ensure_ascii=False),
        verify_every_h=0 if each_visit else deployment.verify_every_h,
    )


def _origins(state: State) -> tuple[tuple[str, str, str, str], ...]:
    chains: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for origin in state.origins:
        chains[origin.deployment, origin.oma_uri].append(origin.model_dump(mode="json"))
    deployments = state.deployments
    return tuple(
        (
            deployments[deployment].client,
            deployment,
            uri,
            json.dumps(sorted(chain, key=lambda o: LAYERS.index(o["layer"])), ensure_ascii=False),
        )
        for (deployment, uri), chain in chains.items()
        if deployment in deployments
    )
