"""Calls over the web: the socket that parties of calls talk through, and their pages.

What lives here: the WebSocket of the people listener (``socket.py``), who is on it (``who.py``), and how what one
process tells reaches the sockets of all (``hub.py``). What does not: every decision
(:mod:`holofleet.server.assist`), and what messages look like (:mod:`holofleet.protocols.signaling`). Start reading
at ``socket.py``.
"""
