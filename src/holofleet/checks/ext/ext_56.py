"""EXT-56: the client knows what is kept of calls on the expert's side."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_KEY = "assist.keep.expert_chat_days"


def _check(case: Case) -> Iterator[Fault]:
    if case.value(_KEY) is None:
        yield Fault(
            f"nothing says how long chats of {case.name} are kept on the expert's side",
            case.place("assist.keep"),
            "Write `assist: {keep: {expert_chat_days: 90}}` with the days that hold.",
            "The chat vanishes on the headset and stays with the expert; people at the client see only the one.",
        )
    for index, client in enumerate(case.spec.model.clients):
        if client.name != case.deployment.client:
            continue
        told = client.informed_about_records
        if told is None or told > case.today:
            yield Fault(
                f"the client {client.name} was not told what is kept of calls",
                case.at("clients", index) if told is None else case.at("clients", index, "informed_about_records"),
                "Tell the client, and write `informed_about_records` with that day.",
                "What is said and shown in a call stays in your tenant, among it what belongs to the client.",
                subject=f"client:{client.name}",
            )


RULE = Rule(
    id="EXT-56",
    title="The client knows what is kept of calls on the expert's side",
    why="Teams keeps the chat history on the expert's side. That cannot be turned off on the headset, so it has "
    "to be decided and said.",
    how="`assist.keep.expert_chat_days` is said, and the client's `informed_about_records` is a day that has "
    "come. Calls in holofleet keep what the key says; how long Teams keeps its chats is a policy of the tenant, "
    "of which the file holds what you set there.",
    mend="Write the days, tell the client, and write the day on which you did.",
    check=_check,
    verification="a chat is still there on the expert's side after the call, and gone after those days",
)
