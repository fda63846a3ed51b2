"""Provisioning packages: a folder for each deployment whose headsets join by one (``enrollment.join: package``).

Networks and root certificates are always carried, for a headset needs them before anything else can reach it.
Policies and the kiosk are carried only where nothing enrolls the headset (``automatic: false``): otherwise the
service sends them, and a second copy in the package would hold on to values that the fleet file changes later.
What a package cannot carry is said in its ``build.txt``, never left out in silence.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

from holofleet.desired.errors import CompileError
from holofleet.desired.files.made import BINARY, TEXT, XML, Made
from holofleet.diagnostics import Finding, Severity
from holofleet.formats import provisioning_package as packages
from holofleet.formats import wlan_profile
from holofleet.resources import Document, Format, Setting, State
from holofleet.resources.path_part import path_part
from holofleet.spec import EffectiveDeployment, Spec
from holofleet.spec.model.identity import Enrollment, EnrollmentPackage

KEY = "enrollment.package"
_VENDOR = "./Device/Vendor/MSFT/"
_POLICY = f"{_VENDOR}Policy/Config/"
_WIFI = f"{_VENDOR}WiFi/Profile/"
_ROOTS = f"{_VENDOR}RootCATrustedCertificates/Root/"
_CERTIFICATES = f"{_VENDOR}RootCATrustedCertificates/"
_KIOSK = f"{_VENDOR}AssignedAccess/Configuration"


@dataclass(frozen=True, slots=True)
class Planned:
    """The package of one deployment, and what lies beside it.

    Args:
        package: What it says.
        files: Content by path beside ``customizations.xml``.
        left_out: Sentences about what the fleet file says and the package does not carry.
        notes: Sentences for whoever builds or applies it.
    """

    package: packages.Package
    files: dict[str, bytes]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def write(spec: Spec, state: State) -> Iterator[Made]:
    """Yield the files of every package.

    Raises:
        CompileError: a package would not do what the fleet file says.
    """
    findings: list[Finding] = []
    made: list[Made] = []
    for deployment in spec.deployments():
        if not joins_by_package(deployment):
            continue
        try:
            made.extend(_folder(deployment, plan(spec, state, deployment)))
        except CompileError as error:
            findings.extend(error.findings)
    if findings:
        raise CompileError(findings)
    yield from made


def joins_by_package(deployment: EffectiveDeployment) -> bool:
    """Tell whether a package sets the headsets of a deployment up."""
    enrollment = deployment.settings.enrollment
    return enrollment is not None and enrollment.join == "package"


def plan(spec: Spec, state: State, deployment: EffectiveDeployment) -> Planned:
    """Return the package of a deployment.

    Args:
        spec: The fleet file.
        state: What it was compiled to, for the target ``files``.
        deployment: One of its deployments.

    Raises:
        CompileError: see :func:`write`.
    """
    enrollment = deployment.settings.enrollment or Enrollment()
    said = enrollment.package or EnrollmentPackage()
    _whole(deployment, said)
    drawn = _Drawn(alone=enrollment.automatic is False)
    drawn.draw(_documents(state, deployment))
    package = _package(spec, deployment, said, drawn)
    if package.empty and not deployment.says(KEY):
        return Planned(package, {}, drawn.left_out, ())
    wrong = list(packages.faults(package))
    if wrong:
        raise _refused(deployment, wrong)
    return Planned(package, drawn.files, drawn.left_out, tuple(_notes(said, drawn)))


def _whole(deployment: EffectiveDeployment, said: EnrollmentPackage) -> None:
    enrolls = {"upn": said.upn, "password": said.password, "server_url": said.server_url}
    missing = [name for name, value in enrolls.items() if value is None]
    if missing and len(missing) < len(enrolls):
        raise _refused(deployment, [f"to enroll, it needs {' and '.join(missing)} as well"])


def _refused(deployment: EffectiveDeployment, faults: list[str]) -> CompileError:
    at = deployment.origin(KEY if deployment.says(KEY) else "enrollment.join").position
    subject = f"deployment:{deployment.name}"
    return CompileError(
        Finding("compile/package", Severity.MUST, f"{KEY}: {fault}", "", "", at, subject) for fault in faults
    )


def _package(
    spec: Spec, deployment: EffectiveDeployment, said: EnrollmentPackage, drawn: _Drawn
) -> packages.Package:
    settings, first = deployment.settings, deployment.settings.first_start
    local, enrollment = said.local_account, None
    if said.upn is not None and said.password is not None and said.server_url is not None:
        enrollment = packages.Enrollment(said.upn, said.password.variable, said.server_url)
    return packages.Package(
        name=path_part(deployment.name),
        id=packages.package_id(spec.model.tenant.id, deployment.name),
        version=said.version or "1.0",
        tenant_locked=bool(settings.tenant_lock),
        first_experience=packages.FirstExperience(
            skip_wifi=bool(said.skip_wifi),
            skip_calibration=bool(first and first.skip_calibration),
            skip_training=bool(first and first.skip_training),
        ),
        local_user=packages.LocalUser(local.name, local.password.variable, local.administrator) if local else None,
        bulk_token=packages.BulkToken(said.bulk_token.variable) if said.bulk_token else None,
        enrollment=enrollment,
        networks=tuple(drawn.networks),
        roots=tuple(drawn.roots),
        policies=tuple(drawn.policies),
        kiosk=drawn.kiosk,
    )


def _notes(said: EnrollmentPackage, drawn: _Drawn) -> Iterator[str]:
    if drawn.alone:
        yield (
            "Nothing enrolls these headsets (enrollment.automatic is false): what changes later needs a new "
            "package."
        )
        return
    if said.upn is None and said.bulk_token is None:
        yield (
            "This package does not enroll the headset: enrollment.package names neither a user name with password "
            "and server_url, nor a bulk_token. Until somebody enrolls it by hand, no setting reaches it."
        )
    yield "Policies and the kiosk reach the headset once it is enrolled; until then it is open."


def _documents(state: State, deployment: EffectiveDeployment) -> tuple[Document, ...]:
    used = {one.document for one in state.headsets.values() if one.deployment == deployment.name}
    return tuple(state.documents[name] for name in sorted(used))


@dataclass
class _Drawn:
    """What a package takes out of the documents of a deployment; ``alone``: nothing else will bring settings."""

    alone: bool
    policies: list[packages.Policy] = field(default_factory=list)
    networks: list[wlan_profile.WlanProfile] = field(default_factory=list)
    roots: list[packages.RootCertificate] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    kiosk: str = ""
    _reasons: dict[str, list[str]] = field(default_factory=dict)

    @property
    def left_out(self) -> tuple[str, ...]:
        """A sentence for each reason, with the nodes that it keeps out."""
        return tuple(f"{reason}: {', '.join(nodes)}." for reason, nodes in self._reasons.items())

    def draw(self, documents: tuple[Document, ...]) -> None:
        found: dict[str, set[Setting]] = {}
        for document in documents:
            for setting in document.settings:
                found.setdefault(setting.oma_uri, set()).add(setting)
        for uri in sorted(found):
            versions = found[uri]
            some = sum(uri in document.by_uri for document in documents) < len(documents)
            setting = min(versions, key=lambda one: one.data)
            if len(versions) > 1 or setting.variables - {"secret"}:
                self._leave(uri, "Not the same for every headset of the deployment")
            elif some and not uri.startswith((_WIFI, _ROOTS)):
                self._leave(uri, "Not for every headset of the deployment")
            else:
                self._take(setting)

    def _take(self, setting: Setting) -> None:
        uri = setting.oma_uri
        if uri.startswith(_WIFI) and uri.endswith("/WlanXml"):
            self._network(setting)
        elif uri.startswith(_ROOTS):
            self._root(setting)
        elif uri.startswith(_CERTIFICATES):
            self._leave(uri, "Certificates of other stores than Root; how packages spell these is not known")
        elif not self.alone:
            return
        elif uri.startswith(_POLICY):
            self._policy(setting)
        elif uri == _KIOSK:
            self.kiosk = "kiosk.xml"
            self.files[self.kiosk] = setting.data.encode()
        else:
            self._leave(uri, "Packages know no such setting, or how they spell it is not known")

    def _network(self, setting: Setting) -> None:
        network = wlan_profile.parse(setting.data)
        if network.security is wlan_profile.Security.WPA3_PERSONAL:
            self._leave(setting.oma_uri, "A package carries open and WPA2-Personal networks only")
        else:
            self.networks.append(network)

    def _root(self, setting: Setting) -> None:
        thumbprint = setting.oma_uri.removeprefix(_ROOTS).partition("/")[0]
        path = f"certificates/{thumbprint}.cer"
        self.files[path] = base64.b64decode(setting.data)
        self.roots.append(packages.RootCertificate(thumbprint, path))

    def _policy(self, setting: Setting) -> None:
        area, _, name = setting.oma_uri.removeprefix(_POLICY).partition("/")
        if (
            setting.data.startswith("<")
            or "~" in area
            or "/" in name
            or setting.format not in (Format.INT, Format.CHR, Format.BOOL)
        ):
            self._leave(setting.oma_uri, "How packages spell such a policy is not known")
        else:
            self.policies.append(packages.Policy(area, name, setting.data, setting.format is Format.INT))

    def _leave(self, uri: str, why: str) -> None:
        if self.alone or uri.startswith((_WIFI, _CERTIFICATES)):
            self._reasons.setdefault(why, []).append(uri.removeprefix(_VENDOR))


def _folder(deployment: EffectiveDeployment, planned: Planned) -> Iterator[Made]:
    folder = f"packages/{path_part(deployment.name)}/"
    name = deployment.name
    if planned.package.empty:
        text = (
            f"There is nothing to put into a package for {name}: {KEY} says nothing, and no site has a network.\n"
        )
        yield Made(f"{folder}build.txt", text, TEXT, f"Why there is no package for {name}.")
        return
    yield Made(
        f"{folder}customizations.xml",
        packages.render(planned.package),
        XML,
        f"Provisioning package of {name}: input of the vendor's tool, which makes a .ppkg of it on Windows.",
    )
    text = packages.instructions(planned.package, left_out=planned.left_out, notes=planned.notes)
    yield Made(f"{folder}build.txt", text, TEXT, f"How the package of {name} is built and applied.")
    for path, content in sorted(planned.files.items()):
        if path.endswith(".xml"):
            yield Made(folder + path, content.decode(), XML, f"Kiosk of the package of {name}.")
        else:
            yield Made(folder + path, content, BINARY, f"Root certificate in the package of {name}.")
