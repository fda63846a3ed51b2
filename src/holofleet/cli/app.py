"""The commands by name. Each is imported only when it is called, so that ``--help`` stays quick."""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

from cyclopts import App, CycloptsError

from holofleet import __version__
from holofleet.cli.output import print_error
from holofleet.errors import HolofleetError, InputError

FAULT = 70
"""Exit status for a fault of ours (EX_SOFTWARE): 1, Python's own, would read as findings."""

_COMMANDS = {
    "init": ("init", "Write a complete, commented fleet file for a scenario."),
    "schema": ("schema", "Print the JSON Schema of the fleet file."),
    "check": ("check", "Check a fleet file against the guides."),
    "guide": ("guide", "Show where a fleet stands on every statement of the guides."),
    "compile": ("compile", "Print the desired State that a fleet file stands for."),
    "explain": ("explain", "Say where the value of a setting on a headset comes from."),
    "render": ("render", "Write every document of a fleet file as files."),
    "plan": ("plan", "Show what would change on a target."),
    "apply": ("apply", "Make a target be as the fleet file says."),
    "propose": ("propose", "Propose a plan for a second person to approve."),
    "drift": ("drift", "Show where headsets report something else than they were told."),
    "serve": ("serve", "Run the server."),
    "simulate": ("simulate", "Run simulated headsets against a server."),
    "demo": ("demo", "Serve a sample fleet with simulated headsets, with its console."),
    "completion": ("completion", "Print what a shell needs to complete commands and flags."),
    "graph-emulator": ("graph_emulator", "Serve a strict stand-in for Microsoft Graph, on loopback."),
}
_GROUPS = {
    "headsets": ("headsets", "List headsets, look at one, give it orders."),
    "orders": ("orders", "List orders, take one back, stop or release all."),
    "approvals": ("approvals", "What waits for a second person: look, approve, refuse, carry out."),
    "tenant": ("tenant", "Headsets as Intune sees them, and orders to them."),
    "users": ("users", "People and accounts: list, add, roles, leaving."),
    "licenses": ("licenses", "Seats, who has which, what is lacking, and what a fleet file would come to."),
    "custody": ("custody", "Who has which headset: out, in, who had it when, and what happened with it."),
    "loans": ("loans", "Headsets at clients: what must be done before they leave, and what was done."),
    "calls": ("call_records", "Calls between headsets and experts: who, when, how long, and how they were."),
    "credentials": ("credentials", "Issue and revoke what headsets enroll with."),
    "tokens": ("tokens", "Issue, list and revoke API tokens."),
    "relay": ("relay", "The media relay of calls (coturn): write its configuration and its firewall."),
    "audit": ("audit", "Search, verify, export and cut the audit log; what is kept about a person."),
    "app-control": ("app_control", "Compile app control policies, and look into compiled ones."),
    "autopilot": ("autopilot", "Check and merge files of Autopilot hardware hashes."),
    "endpoints": ("endpoints", "List the names that headsets need, and what changed about them."),
    "package": ("package", "Make provisioning packages, and say what any package would do."),
    "import": ("import_", "Turn what exists into a draft of a fleet file."),
    "database": ("database", "Bring a database to the version of this program."),
}


def build() -> App:
    """Return the application with all commands, none of them imported yet."""
    app = App(
        name="holofleet",
        help="Deploy and run fleets of HoloLens 2 headsets, from one fleet file.",
        version=__version__,
        version_flags=["--version"],
        help_epilogue=(
            "Exit status: 0 done and clean; 1 findings, drift or stopped half-way; "
            "2 unusable input or no connection."
        ),
        help_format="plaintext",  # our texts are plain; reading them as Markdown takes 25 ms more to start
    )
    for name, (module, text) in _COMMANDS.items():
        app.command(f"holofleet.cli.{module}:{module}", name=name, help=text)
    for name, (module, text) in _GROUPS.items():
        app.command(f"holofleet.cli.{module}:app", name=name, help=text)
    return app


def main(argv: list[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done and clean, 1 findings or drift, 2 unusable input or no connection.

    A fault of ours ends with 70 and its traceback; Ctrl-C ends with 130.
    """
    app = build()
    try:
        status = app(
            sys.argv[1:] if argv is None else argv,
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except CycloptsError as error:
        asked = " ".join(["holofleet", *(error.command_chain or ())])
        print_error(InputError(str(error), mend=f"See: {asked} --help"))
        sys.exit(2)
    except HolofleetError as error:
        print_error(error)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        print_error(_of_the_system(error))
        sys.exit(2)
    except Exception:
        traceback.print_exc()
        print_error(HolofleetError("this is a fault of holofleet, not of what you gave it; please report it"))
        sys.exit(FAULT)
    sys.exit(status if isinstance(status, int) else 0)


def _of_the_system(error: OSError) -> InputError:
    """Return what the operating system refused, with the file that it is about."""
    said = error.strerror or str(error)
    return InputError(f"{error.filename}: {said}" if error.filename else said)
