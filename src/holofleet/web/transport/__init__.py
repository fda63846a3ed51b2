"""Sockets, TLS and HTTP/1.1 for the two listeners.

What lives here: listening, the TLS context of each listener, limits that hold before any application sees a
request, the client certificate as the ASGI ``tls`` extension, and a graceful end. What does not: routes, and any
decision about who may do what. Start reading at ``server.py``; uvicorn's protocol is extended in ``protocol.py``.
"""

from holofleet.web.transport.listener import Listener
from holofleet.web.transport.proxied import Proxies
from holofleet.web.transport.server import Server, run
from holofleet.web.transport.sockets import SocketPaths
from holofleet.web.transport.tls import device_context, people_context

__all__ = ["Listener", "Proxies", "Server", "SocketPaths", "device_context", "people_context", "run"]
