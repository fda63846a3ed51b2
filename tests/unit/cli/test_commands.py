"""The command line: what it prints where, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from holofleet.cli import main
from holofleet.cli.addresses import parse_listen
from holofleet.cli.app import build
from holofleet.cli.credentials import duration_s
from holofleet.errors import InputError

Run = Callable[..., "Outcome"]


class Outcome:
    """Exit status and both outputs of one command."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> dict[str, object]:
        value: dict[str, object] = json.loads(self.out)
        return value


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str | Path) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def fleet(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "fleet.yaml"
    assert run("init", "--scenario", "cloud-connected", "--out", path).status == 0
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    from holofleet.cli.services import wire

    mask = os.umask(0o077)
    os.umask(mask)
    folder = tmp_path / "data"
    with wire(folder):
        pass
    os.umask(mask)
    return folder


def test_a_file_made_by_init_checks_compiles_and_renders(run: Run, fleet: Path, tmp_path: Path) -> None:
    assert run("check", fleet).status == 0
    assert run("check", fleet, "--format", "json").json == {"findings": []}
    assert json.loads(run("check", fleet, "--format", "sarif").out)["runs"][0]["results"] == []
    assert run("compile", fleet).out == run("compile", fleet).out
    assert run("render", fleet, "--out", tmp_path / "files").status == 0
    assert (tmp_path / "files" / "headsets.csv").exists()


def test_init_without_a_file_writes_to_standard_output_and_never_over_a_file(run: Run, fleet: Path) -> None:
    assert run("init", "--scenario", "near-offline").out.startswith("#")
    again = run("init", "--scenario", "near-offline", "--out", fleet)
    assert (again.status, again.out) == (2, "")
    assert "exists already" in again.err


def test_an_unknown_key_ends_with_2_and_names_the_line_and_the_nearest_key(run: Run, fleet: Path) -> None:
    text = fleet.read_text().replace("    usb_data:", "    usb_dat:", 1)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "usb_dat:" in row)
    fleet.write_text(text)
    for form in ("text", "json", "sarif"):
        outcome = run("check", fleet, "--format", form)
        assert outcome.status == 2
        said = outcome.err if form == "text" else outcome.out
        assert str(line) in said
        assert "usb_data" in said


def test_a_finding_ends_with_1(run: Run, fleet: Path) -> None:
    fleet.write_text(fleet.read_text().replace("edition: P1 ", "edition: free ", 1))
    outcome = run("check", fleet, "--format", "json")
    assert outcome.status == 1
    assert any(f["rule"] == "PREP-04" for f in outcome.json["findings"])  # type: ignore[attr-defined]


def test_a_missing_file_says_how_to_make_one(run: Run, tmp_path: Path) -> None:
    outcome = run("check", tmp_path / "none.yaml")
    assert outcome.status == 2
    assert "holofleet init" in outcome.err


def test_explain_names_layers_line_and_rule(run: Run, fleet: Path) -> None:
    outcome = run("explain", fleet, "003421800101", "Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection")
    assert outcome.status == 0
    assert "EXT-24" in outcome.out
    assert "fleet.yaml:" in outcome.out


def test_schema_is_a_json_schema(run: Run) -> None:
    assert run("schema").json["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_plan_is_applied_once_and_is_empty_then(run: Run, fleet: Path, data: Path) -> None:
    plan = run("plan", fleet, "--data", data, "--format", "json")
    assert plan.status == 0
    assert len(plan.json["changes"]) > 24  # type: ignore[arg-type]
    assert run("apply", fleet, "--data", data).status == 2, "off a terminal it needs --yes"
    wrong = run("apply", fleet, "--data", data, "--yes", "--plan-hash", "0" * 64)
    assert wrong.status == 2
    assert "not the plan that was approved" in wrong.err
    assert run("apply", fleet, "--data", data, "--yes", "--plan-hash", str(plan.json["hash"])).status == 0
    assert run("plan", fleet, "--data", data, "--format", "json").json["changes"] == []
    assert run("drift", fleet, "--data", data, "--format", "json").json["unapplied_changes"] is False


def test_deleting_most_of_a_fleet_needs_the_number(run: Run, fleet: Path, data: Path, tmp_path: Path) -> None:
    assert run("apply", fleet, "--data", data, "--yes").status == 0
    small = tmp_path / "small.yaml"
    small.write_text(Path("tests/rules/PREP-04/passes.yaml").read_text())
    refused = run("apply", small, "--data", data, "--yes")
    assert refused.status == 2
    assert "--allow-deletion" in refused.err
    deletions = run("plan", small, "--data", data, "--format", "json").json["counts"]["delete"]  # type: ignore[index]
    assert run("apply", small, "--data", data, "--yes", "--allow-deletion", str(deletions)).status == 0


def test_credentials_are_printed_once_as_json(run: Run, fleet: Path, data: Path) -> None:
    run("apply", fleet, "--data", data, "--yes")
    issued = run("credentials", "issue", "--deployment", "field-service", "--uses", "2", "--data", data).json
    assert "@" in str(issued["username"])
    assert len(str(issued["password"])) >= 20
    listed = run("credentials", "list", "--data", data, "--format", "json")
    assert str(issued["password"]) not in listed.out
    assert run("credentials", "revoke", str(issued["id"]), "--data", data).status == 0
    unknown = run("credentials", "issue", "--deployment", "nowhere", "--data", data)
    assert unknown.status == 2


def test_headsets_are_expected_before_they_were_seen(run: Run, fleet: Path, data: Path) -> None:
    run("apply", fleet, "--data", data, "--yes")
    listed = run("headsets", "list", "--data", data, "--format", "json").json
    assert listed["total"] == 24
    assert {h["compliance"] for h in listed["headsets"]} == {"expected"}  # type: ignore[attr-defined]
    assert run("headsets", "show", "003421800101", "--data", data).status == 0
    assert run("headsets", "show", "nobody", "--data", data).status == 2
    assert run("headsets", "wipe", "003421800101", "--reason", "x", "--data", data).status == 2
    assert "HL-FIELD-01" in run("headsets", "list", "--data", data).out


def test_an_order_for_a_headset_that_never_enrolled_says_so(run: Run, fleet: Path, data: Path) -> None:
    assert run("apply", fleet, "--data", data, "--yes").status == 0
    for act in (("sync",), ("lost", "--reason", "stolen", "--yes")):
        outcome = run("headsets", act[0], "003421800101", *act[1:], "--data", data)
        assert outcome.status == 2
        assert "has not enrolled yet" in outcome.err


def test_tokens_are_listed_without_their_secret(run: Run, data: Path) -> None:
    issued = run("tokens", "issue", "--name", "ci", "--role", "viewer", "--data", data).json
    assert str(issued["token"]).startswith("hf_")
    listed = run("tokens", "list", "--data", data)
    assert "ci" in listed.out
    assert str(issued["token"]) not in listed.out
    assert run("tokens", "revoke", str(issued["id"]), "--data", data).status == 0


def test_which_server_has_to_be_said_exactly_once(run: Run, data: Path) -> None:
    assert "which server" in run("headsets", "list").err
    assert run("headsets", "list", "--data", data, "--server", "https://localhost").status == 2


def test_CLI_1_a_token_file_that_others_can_read_is_refused(run: Run, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("hf_x")
    token.chmod(0o644)
    outcome = run("headsets", "list", "--server", "https://localhost:1", "--token-file", token)
    assert outcome.status == 2
    assert "chmod 600" in outcome.err


def test_CLI_1_plain_http_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLOFLEET_TOKEN", "hf_x")
    outcome = run("headsets", "list", "--server", "http://localhost:1")
    assert outcome.status == 2
    assert "https://" in outcome.err


def test_a_server_that_cannot_be_reached_ends_with_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLOFLEET_TOKEN", "hf_x")
    outcome = run("headsets", "list", "--server", "https://127.0.0.1:1")
    assert outcome.status == 2
    assert "cannot be reached" in outcome.err


def test_a_misspelt_command_ends_with_2(run: Run) -> None:
    assert run("chekc").status == 2
    flag = run("check", "x.yaml", "--colour", "red")
    assert (flag.status, flag.out) == (2, "")
    assert flag.err == "holofleet: Unknown option: --colour.\n    See: holofleet check --help\n"


@pytest.mark.parametrize("count", ["-3", "0"])
def test_fewer_than_one_headset_cannot_be_simulated(run: Run, fleet: Path, data: Path, count: str) -> None:
    outcome = run("simulate", "--fleet", fleet, "--data", data, "--headsets", count)
    assert outcome.status == 2
    assert "--headsets" in outcome.err


@pytest.mark.parametrize(
    "words",
    [("init", "--scenario", "cloud-connected"), ("render", "FLEET"), ("guide", "FLEET", "--format", "html")],
)
def test_a_place_that_cannot_be_written_ends_with_2_and_is_named(
    run: Run, fleet: Path, words: tuple[str, ...]
) -> None:
    outcome = run(*[fleet if word == "FLEET" else word for word in words], "--out", fleet / "inside" / "a-file")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"holofleet: {fleet}")
    assert "Traceback" not in outcome.err


def test_a_fault_of_ours_does_not_look_like_findings(
    run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("unexpected")

    monkeypatch.setattr("holofleet.checks.run", broken)
    outcome = run("check", fleet)
    assert (outcome.status, outcome.out) == (70, "")
    assert "RuntimeError: unexpected" in outcome.err
    assert "a fault of holofleet" in outcome.err


def test_explain_says_when_no_such_node_is_known(run: Run, fleet: Path) -> None:
    misspelt = run("explain", fleet, "003421800101", "AllowUSBConnection")
    assert "no such node is known" in misspelt.out
    known = run(
        "explain", fleet, "003421800101", "./Device/Vendor/MSFT/Policy/Config/Connectivity/AllowUSBConnection"
    )
    assert "no such node" not in known.out


def test_files_are_not_said_to_be_without_drift(run: Run, fleet: Path, tmp_path: Path) -> None:
    assert run("render", fleet, "--out", tmp_path / "files").status == 0
    outcome = run("drift", fleet, "--target", "files", "--out", tmp_path / "files")
    assert outcome.status == 0
    assert "No headset reports to files" in outcome.out


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("24h", 86400), ("30d", 2592000)])
def test_durations_are_numbers_with_a_unit(text: str, seconds: int) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "24", "h", "-1h", "1w", "1.5h"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        duration_s(text)


def test_addresses_to_listen_on() -> None:
    assert parse_listen("127.0.0.1:8443") == ("127.0.0.1", 8443)
    assert parse_listen("[::1]:8443") == ("::1", 8443)
    for text in ("8443", "localhost", "localhost:", "localhost:70000", ":8443", "a:b"):
        with pytest.raises(InputError):
            parse_listen(text)


def test_help_of_a_command_imports_no_room_that_costs() -> None:
    costly = ("sqlalchemy", "fastapi", "alembic", "pydantic", "starlette", "lxml")
    code = (
        "import sys, holofleet.cli as a\n"
        "try: a.main(['render', '--help'])\n"
        "except SystemExit: pass\n"
        f"print([m for m in {costly} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip().endswith("[]")


def test_the_first_page_names_every_command_once_and_imports_nothing_of_the_program(run: Run) -> None:
    code = (
        "import sys, holofleet.cli as a\n"
        "try: a.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m.partition('.')[0] in ('holofleet', 'cyclopts', 'rich')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    page, _, imported = done.stdout.rstrip().rpartition("\n")
    assert imported == "['holofleet', 'holofleet.cli', 'holofleet.cli.first_page']"
    named = [line.split()[0] for line in page.splitlines() if line.startswith("  ")]
    assert sorted(named) == sorted(name for name in build() if not name.startswith("-"))
    assert max(map(len, page.splitlines())) <= 80
    assert run().out == run("-h").out == page + "\n"


def test_a_folder_whose_database_is_elsewhere_is_not_opened_with_an_empty_one(run: Run, data: Path) -> None:
    (data / "database-elsewhere").write_text("postgresql\n")
    outcome = run("headsets", "list", "--data", data)
    assert outcome.status == 2
    assert "a server of its own" in outcome.err


def test_a_folder_with_a_database_is_not_served_with_another(run: Run, data: Path) -> None:
    outcome = run("serve", "--data", data, "--listen", "127.0.0.1:0", "--database", "postgresql://localhost/x")
    assert outcome.status == 2
    assert "has a database already" in outcome.err


def test_a_mistyped_folder_does_not_become_a_server(run: Run, tmp_path: Path) -> None:
    outcome = run("database", "upgrade", "--data", tmp_path / "mistyped")
    assert outcome.status == 2
    assert not (tmp_path / "mistyped").exists()


def test_a_folder_of_secrets_that_is_not_there_is_refused_at_the_start(run: Run, tmp_path: Path) -> None:
    outcome = run("serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--secrets", tmp_path / "gone")
    assert outcome.status == 2
    assert f"{tmp_path / 'gone'}: this is no folder" in outcome.err


def test_a_database_that_cannot_be_used_does_not_bind_the_folder(run: Run, tmp_path: Path) -> None:
    wrong = ("--listen", "127.0.0.1:0", "--database", "postgresql://nobody@127.0.0.1:1/none")
    assert run("serve", "--data", tmp_path / "data", *wrong).status == 2
    assert not (tmp_path / "data" / "database-elsewhere").exists()
    assert run("headsets", "list", "--data", tmp_path / "data").status == 0


def test_postgresql_without_its_driver_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    outcome = run("database", "upgrade", "--database", "postgresql://localhost/fleet")
    assert outcome.status == 2
    assert "pip install 'holofleet[postgres]'" in outcome.err


def test_local_commands_reach_a_server_with_an_operators_certificate(run: Run, data: Path) -> None:
    made = trustme.CA().issue_cert("fleet.contoso.com")
    (data / "tls" / "server.key").write_bytes(made.private_key_pem.bytes())
    (data / "tls" / "server.pem").write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
    command = [sys.executable, "-c", "from holofleet.cli import main; main()", "serve", "--data", str(data)]
    server = subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        assert any("Sign in once" in line for line in server.stdout)
        listed = run("headsets", "list", "--data", data, "--format", "json")
        assert (listed.status, listed.json["total"]) == (0, 0)
    finally:
        server.terminate()
        server.communicate(timeout=30)
