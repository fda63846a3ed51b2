"""``holofleet package``: provisioning packages, made and looked into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from holofleet.cli.disk import write_file
from holofleet.cli.fleet_file import FleetPath, compiled
from holofleet.cli.output import CLEAN, TextOrJson, note, print_json
from holofleet.diagnostics.render import visible
from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.formats.provisioning_package import Contents, Entry, Opened, Package

app = App(name="package", help="Make provisioning packages, and say what any package would do.")

_MAX_XML_BYTES = 1 << 20


@app.command
def show(
    package: Annotated[Path, Parameter(help="A .ppkg file, or a customizations.xml.")],
    /,
    *,
    with_secrets: Annotated[bool, Parameter(help="Show passwords and keys too.", negative="")] = False,
    format: TextOrJson = "text",
) -> int:
    """Say what a package would do, whoever made it. Nothing of it is applied or run."""
    opened = _open(package)
    if format == "json":
        print_json(_json(opened, with_secrets))
    else:
        _say(opened, with_secrets)
    return CLEAN


@app.command
def build(
    fleet: FleetPath,
    /,
    *,
    deployment: Annotated[str, Parameter(help="Deployment whose headsets get it.")],
    out: Annotated[Path, Parameter(help="File to write, .ppkg. It holds secrets in clear.")],
    secrets: Annotated[Path | None, Parameter(help="Folder of the file: references of the fleet file.")] = None,
) -> int:
    """Write the package of a deployment. EXPERIMENTAL: no such file was tried on a headset yet.

    It holds policies, a local account, Wi-Fi networks and a bulk token. What needs more is refused: have the
    vendor's tool build customizations.xml (holofleet render) instead.
    """
    from holofleet.cli.secrets import resolver
    from holofleet.formats import provisioning_package as packages

    if out.suffix.lower() != ".ppkg":
        raise InputError(f"{out}: headsets take files that end with .ppkg", mend="Name such a file.")
    package, left_out = _planned(fleet, deployment)
    beyond = list(packages.uncarried(package))
    if beyond:
        raise InputError(
            f"a package file cannot hold all that {deployment} needs: {'; '.join(beyond)}",
            detail="Nothing was written. How packages hold these is not known.",
            mend="Run holofleet render, and have the vendor's tool build packages/*/customizations.xml.",
        )
    package, used = _filled(package, resolver(secrets))
    wrong = list(packages.faults(package))
    if wrong:
        raise InputError(f"the package of {deployment} is refused", detail=" ".join(f"{one}." for one in wrong))
    write_file(out, packages.build(package))
    _warn(out, package, used, left_out)
    return CLEAN


def _planned(fleet: Path, name: str) -> tuple[Package, tuple[str, ...]]:
    from holofleet.desired.files import packages

    spec, state = compiled(fleet, target="files")
    found = next((one for one in spec.deployments() if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in spec.deployments())
        raise InputError(f"there is no deployment {name}", mend=f"Take one of: {known}.")
    if not packages.joins_by_package(found):
        raise InputError(
            f"headsets of {name} do not join by a package",
            mend="Write `enrollment: {join: package, package: ...}`.",
        )
    planned = packages.plan(spec, state, found)
    if planned.package.empty:
        raise InputError(f"there is nothing to put into a package for {name}", mend="See docs/packages.md.")
    return planned.package, planned.left_out


def _filled(package: Package, resolve: Callable[[str], str | None]) -> tuple[Package, tuple[str, ...]]:
    """Return the package with secrets in the place of their references, and which references they were."""
    from dataclasses import replace

    from holofleet.resources.document import VARIABLE

    used: dict[str, None] = {}

    def fill(text: str) -> str:
        match = VARIABLE.fullmatch(text)
        if match is None or match.group(1) != "secret":
            return text
        reference = match.group(2) or ""
        value = resolve(reference)
        if value is None:
            raise InputError(
                f"the secret {reference} is not there",
                detail="Nothing was written.",
                mend="Set it in the environment, or name the folder with --secrets.",
            )
        used[reference] = None
        return value

    user, token = package.local_user, package.bulk_token
    filled = replace(
        package,
        local_user=replace(user, password=fill(user.password)) if user else None,
        bulk_token=replace(token, token=fill(token.token)) if token else None,
        networks=tuple(replace(one, passphrase=fill(one.passphrase)) for one in package.networks),
    )
    return filled, tuple(sorted(used))


def _warn(out: Path, package: Package, used: tuple[str, ...], left_out: tuple[str, ...]) -> None:
    from holofleet.formats import provisioning_package as packages

    note(f"{out}: package {package.name}, version {package.version}, id {package.id}")
    note("EXPERIMENTAL: no package made here was tried on a headset yet. Try one headset before you rely on it.")
    if used:
        note(f"It holds secrets in clear ({', '.join(used)}): delete it when the headsets are set up.")
    for text in packages.cautions(package):
        note(text)
    for text in left_out:
        note(f"Not carried: {text}")


def _open(path: Path) -> Opened:
    from holofleet.formats import provisioning_package as packages
    from holofleet.formats.provisioning_package.wim import MAGIC

    try:
        with path.open("rb") as file:
            head = file.read(_MAX_XML_BYTES + 1)
        if head.startswith(MAGIC):
            return packages.look(path)
        if path.suffix.lower() == ".ppkg":
            raise InputError(f"{path}: this is no provisioning package")
        return packages.Opened(packages.read(head), {}, ())
    except packages.PackageError as error:
        raise InputError(f"{path}: {error.summary}", detail=error.detail, mend=error.mend) from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read", detail=error.strerror or "") from error


def _value(entry: Entry, with_secrets: bool) -> str:
    return entry.value if with_secrets else entry.masked


def _json(opened: Opened, with_secrets: bool) -> dict[str, Any]:
    def settings(entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
        return [{"path": one.path, "value": _value(one, with_secrets), "secret": one.secret} for one in entries]

    contents = opened.contents
    return {
        "package": None if contents is None else _facts(contents),
        "settings": [] if contents is None else settings(contents.entries),
        "compiled": {path: settings(entries) for path, entries in opened.compiled.items()},
        "files": [{"path": held.path, "bytes": held.size} for held in opened.files],
    }


def _facts(contents: Contents) -> dict[str, str]:
    return {
        "id": contents.id,
        "name": contents.name,
        "version": contents.version,
        "owner": contents.owner,
        "rank": contents.rank,
    }


def _say(opened: Opened, with_secrets: bool) -> None:
    if opened.contents is not None:
        for name, value in _facts(opened.contents).items():
            print(visible(f"{name:9}{value}"))
        print("\nWhat it was made from:")
        _list(opened.contents.entries, with_secrets)
    if opened.compiled:
        print("\nWhat a headset does with it:")
        for entries in opened.compiled.values():
            _list(entries, with_secrets)
    if opened.files:
        print("\nFiles in it:")
        for held in opened.files:
            print(visible(f"  {held.size:>12,}  {held.path}"))


def _list(entries: tuple[Entry, ...], with_secrets: bool) -> None:
    for entry in entries:
        print(visible(f"  {entry.path} = {_value(entry, with_secrets)}"))
