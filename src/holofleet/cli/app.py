"""The commands by name. Each is imported only when it is called, so that ``--help`` stays quick."""

from __future__ import annotations

import sys
from typing import NoReturn

from cyclopts import App, CycloptsError

from holofleet import __version__
from holofleet.cli.output import print_error
from holofleet.errors import HolofleetError

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
    "drift": ("drift", "Show where headsets report something else than they were told."),
    "serve": ("serve", "Run the server."),
    "simulate": ("simulate", "Run simulated headsets against a server."),
    "demo": ("demo", "Serve a sample fleet with simulated headsets, and open the console."),
}
_GROUPS = {
    "headsets": ("headsets", "List headsets, look at one, give it orders."),
    "orders": ("orders", "Stop or release all orders that are not delivered yet."),
    "credentials": ("credentials", "Issue and revoke what headsets enroll with."),
    "tokens": ("tokens", "Issue, list and revoke API tokens."),
    "database": ("database", "Bring a database to the version of this program."),
}


def build() -> App:
    """Return the application with all commands, none of them imported yet."""
    app = App(
        name="holofleet",
        help="Deploy and run fleets of HoloLens 2 headsets, from one fleet file.",
        version=__version__,
        version_flags=["--version"],
        help_format="plaintext",  # our texts are plain; reading them as Markdown takes 25 ms more to start
    )
    for name, (module, text) in _COMMANDS.items():
        app.command(f"holofleet.cli.{module}:{module}", name=name, help=text)
    for name, (module, text) in _GROUPS.items():
        app.command(f"holofleet.cli.{module}:app", name=name, help=text)
    return app


def main(argv: list[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done and clean, 1 findings or drift, 2 unusable input or no connection."""
    app = build()
    try:
        status = app(
            sys.argv[1:] if argv is None else argv,
            exit_on_error=False,
            print_error=True,
            result_action="return_value",
        )
    except CycloptsError:
        sys.exit(2)
    except HolofleetError as error:
        print_error(error)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)
