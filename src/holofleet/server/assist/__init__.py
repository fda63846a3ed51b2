"""Calls between headsets and experts.

What lives here: who may call whom (``policy/``). What does not: what a message looks like
(:mod:`holofleet.protocols.signaling`). Start reading at ``policy/``.
"""
