"""The first page of help: every command by what it is for. It imports nothing, so that it is there at once.

This is the one list of commands; ``app.py`` makes them of it. Help of a single command is made of its signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

HELP = "Deploy and run fleets of HoloLens 2 headsets, from one fleet file."
EXIT_STATUS = (
    "Exit status: 0 done and clean; 1 findings, drift or stopped half-way; 2 unusable input or no connection."
)


class Listed(NamedTuple):
    """One command as the first page names it."""

    module: str
    """Module of :mod:`holofleet.cli`; of a single command its function, too."""
    text: str
    group: bool = False
    """Whether it has commands of its own."""


SECTIONS: Mapping[str, Mapping[str, Listed]] = MappingProxyType(
    {
        "Fleet file": {
            "init": Listed("init", "Write a complete, commented fleet file for a scenario."),
            "import": Listed("import_", "Turn what exists into a draft of a fleet file.", group=True),
            "schema": Listed("schema", "Print the JSON Schema of the fleet file."),
            "check": Listed("check", "Check a fleet file against the guides."),
            "guide": Listed("guide", "Show where a fleet stands on every statement of the guides."),
            "compile": Listed("compile", "Print the desired State that a fleet file stands for."),
            "explain": Listed("explain", "Say where the value of a setting on a headset comes from."),
            "render": Listed("render", "Write every document of a fleet file as files."),
        },
        "Make it so": {
            "plan": Listed("plan", "Show what would change on a target."),
            "apply": Listed("apply", "Make a target be as the fleet file says."),
            "propose": Listed("propose", "Propose a plan for a second person to approve."),
            "approvals": Listed("approvals", "What waits for a second person: look, approve, refuse.", group=True),
            "drift": Listed("drift", "Show where headsets report something else than they were told."),
            "tenant": Listed("tenant", "Headsets as Intune sees them, and orders to them.", group=True),
        },
        "Headsets": {
            "headsets": Listed("headsets", "List headsets, look at one, give it orders.", group=True),
            "orders": Listed("orders", "List orders, take one back, stop or release all.", group=True),
            "credentials": Listed("credentials", "Issue and revoke what headsets enroll with.", group=True),
            "calls": Listed("call_records", "Calls with experts: who, when, how long, how they were.", group=True),
            "custody": Listed("custody", "Who has which headset, and who had it when.", group=True),
            "loans": Listed("loans", "Headsets at clients: what is to be done, what was done.", group=True),
        },
        "People": {
            "users": Listed("users", "People and accounts: list, add, roles, leaving.", group=True),
            "licenses": Listed("licenses", "Seats: who has which, what is lacking or wasted.", group=True),
            "tokens": Listed("tokens", "Issue, list and revoke API tokens.", group=True),
            "webhooks": Listed("webhooks", "Programs elsewhere that are told what happens.", group=True),
            "audit": Listed("audit", "Search, verify and export the audit log.", group=True),
        },
        "Files and packages": {
            "package": Listed("package", "Make provisioning packages; say what any would do.", group=True),
            "autopilot": Listed("autopilot", "Check and merge files of hardware hashes.", group=True),
            "app-control": Listed("app_control", "Compile app control policies, and look into them.", group=True),
            "endpoints": Listed("endpoints", "List the names that headsets need, and what changed.", group=True),
        },
        "Servers": {
            "serve": Listed("serve", "Run the server."),
            "database": Listed("database", "Bring a database to the version of this program.", group=True),
            "backup": Listed("backup", "Encrypted backups: data and keys apart.", group=True),
            "restore": Listed("restore", "Make a data folder from a backup."),
            "relay": Listed("relay", "Configuration and firewall of the media relay (coturn).", group=True),
            "simulate": Listed("simulate", "Run simulated headsets against a server."),
            "demo": Listed("demo", "Serve a sample fleet with simulated headsets."),
            "graph-emulator": Listed("graph_emulator", "Serve a strict stand-in for Microsoft Graph."),
            "completion": Listed("completion", "Print what a shell needs to complete commands."),
        },
    }
)


def page() -> str:
    """Return the page, at most 80 columns wide."""
    width = max(len(name) for section in SECTIONS.values() for name in section)
    lines = ["Usage: holofleet COMMAND", "", HELP]
    for title, section in SECTIONS.items():
        lines += ["", title, *(f"  {name:<{width}}  {listed.text}" for name, listed in section.items())]
    lines += ["", "holofleet COMMAND --help says more; holofleet --version says which this is."]
    first, last = EXIT_STATUS.split("; 2 ")
    return "\n".join([*lines, "", f"{first};", f"2 {last}"]) + "\n"
