"""Calls over the web: the socket that parties of calls talk through, and their pages.

What lives here: the WebSocket of the people listener (``socket.py``), who is on it (``who.py``), how what one
process tells reaches the sockets of all (``hub.py``), and templates, scripts and styles of every page of a call,
with the pages of headsets (``headset.py``) and guests (``guest.py``). What does not: every decision
(:mod:`holofleet.server.assist`), what messages look like (:mod:`holofleet.protocols.signaling`), and the console,
which serves the page of an expert itself and of which nothing is known here. Start reading at ``socket.py``.
"""
