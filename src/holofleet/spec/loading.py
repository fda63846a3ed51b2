"""From files to a :class:`~holofleet.spec.fleet.Spec`: ``load`` reads, ``parse`` decides.

Order of the work: texts to plain values; several texts joined; tables of headsets expanded; the model; names that
refer to one another; the layers of each deployment. Each step reports everything that it finds before the
reading stops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from holofleet.spec.effective import lay_deployments
from holofleet.spec.enclosures import named_files
from holofleet.spec.faults import Faults, SpecError
from holofleet.spec.files import read_attachments, read_enclosures, read_texts
from holofleet.spec.fleet import Spec
from holofleet.spec.joining import Joined, join, wanted_files
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.references import check_references
from holofleet.spec.translation import report
from holofleet.spec.vocabulary import check_words


def load(paths: Sequence[Path]) -> Spec:
    """Read a fleet from files, or from a folder of YAML files.

    Tables and other files that it names are read below the folder of the first file, never through a link
    (IMP-1).

    Raises:
        SpecError: it cannot be read or used; every finding has its place.
    """
    texts, folder = read_texts(paths)
    joined = join(texts)
    spec = _build(joined, read_attachments(folder, wanted_files(joined)))
    return replace(spec, enclosures=read_enclosures(folder, named_files(spec.model, spec.positions)))


def parse(
    texts: Mapping[str, str],
    attachments: Mapping[str, bytes] | None = None,
    enclosures: Mapping[str, bytes] | None = None,
) -> Spec:
    """Read a fleet from texts by name, with the tables and other files by their path in it. Pure.

    A table that is not given is a fault; another file that is not given is missing from the Spec.

    Raises:
        SpecError: it cannot be used; every finding has its place.
    """
    return replace(_build(join(texts), attachments or {}), enclosures=dict(enclosures or {}))


def _build(joined: Joined, attachments: Mapping[str, bytes]) -> Spec:
    raw, positions = joined.expanded(attachments)
    faults = Faults(positions.of)
    try:
        model = FleetFile.model_validate(raw)
    except ValidationError as error:
        report(error, raw, FleetFile, faults)
        raise SpecError(faults.findings) from error
    check_references(model, faults)
    check_words(model, faults)
    effective = lay_deployments(model, raw, positions, faults)
    faults.stop_if_any()
    return Spec(model=model, positions=positions, texts=dict(joined.texts), effective=effective)
