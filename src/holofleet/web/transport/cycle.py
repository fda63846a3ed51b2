"""One request and its answer, with two rules more than uvicorn's.

An answer given before the request's body has arrived ends the connection, gently: the protocol goes on reading
and dropping for a while (see :class:`ConnectionLimits.linger_s`), because a reset could overtake the answer.
On listeners for headsets an answer without Content-Length is our bug: management clients refuse chunked ones.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class Cycle(RequestResponseCycle):
    """Replaces uvicorn's cycle; see the module."""

    lingers = False
    allow_chunked = True

    async def send(self, message: Any) -> None:
        if message["type"] != "http.response.start" or self.response_started:
            await super().send(message)
            return
        if not self.allow_chunked and not _has_length(message):
            raise RuntimeError("an answer to a headset needs a Content-Length")
        early = self.more_body
        if early:
            # uvicorn then writes `connection: close`; whether it also closes is decided when the answer is out.
            self.keep_alive = False
        await super().send(message)
        if early:
            self.keep_alive = True
            self.lingers = True


def _has_length(message: Any) -> bool:
    return any(name.lower() == b"content-length" for name, _ in message.get("headers", ()))
