"""The commands by name. Each is imported only when it is called, so that ``--help`` stays quick."""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

from cyclopts import App, CycloptsError

from holofleet import __version__
from holofleet.cli.first_page import EXIT_STATUS, HELP, SECTIONS
from holofleet.cli.output import print_error
from holofleet.errors import HolofleetError, InputError

FAULT = 70
"""Exit status for a fault of ours (EX_SOFTWARE): 1, Python's own, would read as findings."""


def build() -> App:
    """Return the application with all commands, none of them imported yet."""
    app = App(
        name="holofleet",
        help=HELP,
        version=__version__,
        version_flags=["--version"],
        help_epilogue=EXIT_STATUS,
        help_format="plaintext",  # our texts are plain; reading them as Markdown takes 25 ms more to start
    )
    for section in SECTIONS.values():
        for name, listed in section.items():
            function = "app" if listed.group else listed.module
            app.command(f"holofleet.cli.{listed.module}:{function}", name=name, help=listed.text)
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
