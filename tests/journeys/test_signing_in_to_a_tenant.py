"""An operator signs in to a tenant: the command as it is, the cloud's real names, TLS, a strict token endpoint."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.cloud_stand_in import GRAPH, LOGIN, Cloud, cloud, pem, signed

from holofleet.clock import SystemClock
from holofleet.emulator import Access, Application, Delays, Emulator, Settings, new_tenant
from holofleet.targets.graph.operations import OPERATIONS

CLIENT = "11111111-2222-4333-8444-555555555555"
TENANT = "11111111-1111-4111-8111-111111111111"
SECRET = "stand-in-secret-canary"
TALKATIVE = """
import logging
logging.basicConfig(level=logging.DEBUG)
from holofleet.cli import main
main()
"""
"""Everything that any library logs goes to standard error."""
EVERYTHING = tuple(sorted({one for known in OPERATIONS.values() for one in known.permissions}))


@dataclass(frozen=True)
class Operator:
    """Somebody with a fleet file, an application in the tenant, and its certificate."""

    folder: Path
    cloud: Cloud

    def start(self, command: str, *flags: str | Path, **env: str) -> subprocess.Popen[str]:
        words = [command, str(self.folder / "fleet.yaml"), "--target", "graph", *map(str, flags)]
        return subprocess.Popen(
            [sys.executable, "-c", TALKATIVE, *words],
            env={**os.environ, "XDG_STATE_HOME": str(self.folder / "state"), **self.cloud.env, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, command: str, *flags: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        with self.start(command, *flags, **env) as running:
            out, err = running.communicate(timeout=300)
        return subprocess.CompletedProcess(running.args, running.returncode, out, err)

    def left(self) -> str:
        """Return all that runs have left in files: journals, locks, records."""
        kept = [*(self.folder / "state").rglob("*"), *self.folder.glob("record*")]
        return "".join(path.read_text() for path in kept if path.is_file())


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    folder = tmp_path_factory.mktemp("cloud")
    command = [sys.executable, "-c", "from holofleet.cli import main; main()", "init"]
    fleet = str(folder / "fleet.yaml")
    subprocess.run([*command, "--scenario", "cloud-connected", "--out", fleet], check=True, timeout=60)
    tenant = new_tenant(SystemClock(), Settings(delays=Delays()))
    tenant.id = TENANT
    application = signed("the application")
    (folder / "app.pem").write_bytes(pem(application))
    (folder / "app.pem").chmod(0o600)
    known = Application(CLIENT, "planner", SECRET, EVERYTHING, (application[0],))
    emulator = Emulator(tenant, access=Access(require=True, applications={CLIENT: known}))
    with cloud(folder, emulator) as found:
        yield Operator(folder, found)


def no_token_in(*texts: str) -> bool:
    """Return whether no token, assertion or secret stands in the texts."""
    return not any(re.search(r"eyJ[\w-]{10,}\.", text) or SECRET in text for text in texts)


def granted(operator: Operator, permissions: Iterable[str]) -> AbstractContextManager[None]:
    """Let the application have these permissions only, for a while."""
    known = operator.cloud.emulator.access.applications

    @contextmanager
    def less() -> Iterator[None]:
        whole = known[CLIENT]
        known[CLIENT] = replace(whole, roles=tuple(permissions))
        try:
            yield
        finally:
            known[CLIENT] = whole

    return less()


def test_GRA_1_an_apply_with_the_permissions_that_the_plan_names_leaves_no_token_anywhere(
    operator: Operator,
) -> None:
    sign_in = ("--client-id", CLIENT, "--client-certificate", operator.folder / "app.pem")
    planned = operator.run("plan", *sign_in, "--format", "json")
    assert planned.returncode == 0, planned.stderr[-2000:]
    needed = json.loads(planned.stdout)["permissions"]
    assert len(needed) < len(EVERYTHING)
    with granted(operator, needed):
        applied = operator.run("apply", *sign_in, "--yes", "--record", operator.folder / "record.jsonl")
    assert applied.returncode == 0, applied.stderr[-2000:]
    again = operator.run("plan", *sign_in, "--format", "json")
    assert json.loads(again.stdout)["changes"] == []
    assert operator.cloud.emulator.tokens_seen
    assert set(operator.cloud.tunnels) == {f"{LOGIN}:443", f"{GRAPH}:443"}
    assert operator.cloud.strays == []
    assert len(operator.cloud.emulator.sign_in.used) == 3  # one assertion for each run
    assert "DEBUG" in applied.stderr
    assert operator.left()
    assert no_token_in(planned.stderr, applied.stdout, applied.stderr, again.stderr, operator.left())


def test_LOG_1_a_secret_by_reference_signs_in_and_is_shown_nowhere(operator: Operator) -> None:
    flags = ("--client-id", CLIENT, "--client-secret", "env:HOLOFLEET_SECRET_APP")
    told = operator.run(
        "plan", *flags, "--record", operator.folder / "record-2.jsonl", HOLOFLEET_SECRET_APP=SECRET
    )
    assert told.returncode == 0, told.stderr[-2000:]
    assert no_token_in(told.stdout, told.stderr, operator.left())
    misnamed = operator.run("plan", *flags[:3], "env:SOME_SECRET", SOME_SECRET=SECRET)
    assert misnamed.returncode == 2
    assert "begin with HOLOFLEET_SECRET_" in misnamed.stderr
    wrong = operator.run("plan", *flags, HOLOFLEET_SECRET_APP=f"{SECRET}-of-last-year")
    assert wrong.returncode == 2
    assert "AADSTS7000215" in wrong.stderr
    assert no_token_in(wrong.stdout, wrong.stderr, operator.left())


def test_a_certificate_that_nobody_registered_is_refused_by_number(operator: Operator) -> None:
    other = operator.folder / "other.pem"
    other.write_bytes(pem(signed("the application")))
    other.chmod(0o600)
    told = operator.run("plan", "--client-id", CLIENT, "--client-certificate", other)
    assert told.returncode == 2
    assert "AADSTS700027" in told.stderr
    assert no_token_in(told.stderr)


def test_a_permission_that_was_not_granted_is_named_before_anything_is_changed(operator: Operator) -> None:
    changes = len(operator.cloud.emulator.tenant.changes)
    with granted(operator, (one for one in EVERYTHING if not one.startswith("Policy."))):
        flags = ("--client-id", CLIENT, "--client-certificate", operator.folder / "app.pem")
        told = operator.run("apply", "--yes", *flags)
    assert told.returncode != 0
    assert "Policy.Read" in told.stderr
    assert len(operator.cloud.emulator.tenant.changes) == changes


def test_a_person_signs_in_with_a_code_and_is_shown_what_no_application_is(operator: Operator) -> None:
    seen, before = operator.cloud.emulator.exchanges, operator.cloud.emulator.sign_in.given
    with operator.start("plan", "--client-id", CLIENT, "--device-code", "--format", "json") as running:
        assert running.stderr is not None
        assert running.stdout is not None
        told = []
        for line in running.stderr:
            told.append(line)
            if shown := re.search(r"enter the code (\w+)\.", line):
                operator.cloud.emulator.sign_in.enter(shown[1], person="megan@contoso.com", scopes=EVERYTHING)
        planned = running.stdout.read()
        running.wait(timeout=300)
    assert running.returncode == 0, told[-20:]
    assert any(one.path.endswith("/mobileDeviceManagementPolicies") and one.status == 200 for one in seen)
    assert "tenant-setting:automatic-enrollment" in json.loads(planned)["offered"]
    assert operator.cloud.emulator.sign_in.given - before == 1  # kept, not asked for anew
    assert no_token_in(planned, operator.left())
    assert operator.cloud.strays == []


class MachineIdentity(BaseHTTPRequestHandler):
    """What a machine in Azure offers to its processes: tokens for who knows the header of the machine."""

    cloud: Cloud
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.asked.append(self.path)
        good = (
            parts.path == "/msi/token"
            and self.headers["X-IDENTITY-HEADER"] == SECRET
            and query["resource"] == [f"https://{GRAPH}"]
            and query["client_id"] == [CLIENT]
            and query["api-version"] == ["2019-08-01"]
        )
        now = SystemClock().now()
        token = self.cloud.emulator.access.token(EVERYTHING, now=now)
        body = {"access_token": token, "expires_on": str(int(now.timestamp()) + 3600), "token_type": "Bearer"}
        self.send_response(200 if good else 400)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body if good else {"message": "no"}).encode())

    def log_message(self, *_: object) -> None:
        pass


def test_a_machine_in_azure_signs_in_by_its_identity(operator: Operator) -> None:
    handler = type("Here", (MachineIdentity,), {"cloud": operator.cloud})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        where = {"IDENTITY_ENDPOINT": f"http://127.0.0.1:{service.server_port}/msi/token"}
        flags = ("--managed-identity", "--client-id", CLIENT)
        told = operator.run("plan", *flags, **where, IDENTITY_HEADER=SECRET)
        other = operator.run("plan", *flags, **where, IDENTITY_HEADER="of another machine")
        service.shutdown()
    assert told.returncode == 0, told.stderr[-2000:]
    assert MachineIdentity.asked
    assert no_token_in(told.stdout, operator.left())
    assert other.returncode == 2
    assert "azure-identity gave no token" in other.stderr
