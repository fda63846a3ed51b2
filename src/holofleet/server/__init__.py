"""The server's rooms: everything that changes or reads state on behalf of headsets, people and tokens.

What lives here: values, services and the ports they take, one room per noun. What does not: tables and SQL
(:mod:`holofleet.storage` implements the ports), HTTP (:mod:`holofleet.web`), and the fleet file, which no room
here knows. Rooms meet through ports and values. Start reading at ``ports.py``, then ``authorization``: every
act of this package asks it first.
"""
