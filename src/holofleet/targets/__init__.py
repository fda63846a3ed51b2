"""Targets: the places where a plan is applied.

What lives here: ``server`` (our own server, reached over its API only), ``files`` (every document as a file, for
teams that click it in by hand), and ``graph`` (an Entra and Intune tenant).
What does not: deciding what changes (:mod:`holofleet.plans`) and the server itself (:mod:`holofleet.server`, which
no target imports). Start reading at ``holofleet/plans/target.py``, the port that all targets implement.
"""
