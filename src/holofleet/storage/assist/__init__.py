"""Calls in the database: the rules that decide about them, and what became of them.

What lives here: implementations of the ports of :mod:`holofleet.server.assist`. Start reading at ``policy.py``.
"""
