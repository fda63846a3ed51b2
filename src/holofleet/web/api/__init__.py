"""The JSON API below ``/api/v1``: what the command line, targets and other programs call.

What lives here: bearer tokens to principals, the form of requests and answers, problems as
``application/problem+json``. What does not: rules about headsets. Every route declares its actions
(:mod:`holofleet.web.declaration`), and every handler calls one service. The words are those of the waist
(``serial``, ``deployment``, ``oma_uri``, ``desired``, ``reported``, ``compliance``). Start reading at ``app.py``.
"""
