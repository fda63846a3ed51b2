"""OMA-DM sessions: what a headset said, what is to be said to it, and nothing lost in between.

What lives here: the enrollment row as a value (``row.py``), the session cursor, the matching of answers to what
was sent, reconciliation, and :class:`~holofleet.server.management.service.ManagementService`, which joins them
for one message. What does not: bytes of SyncML (``protocols/syncml``), tables (``storage``), what a person may
do (``server/authorization``). Start reading at ``service.py``, then ``reconcile.py``.
"""
