"""The target ``graph``: an Entra ID and Intune tenant, driven through Microsoft Graph.

What lives here: ``operations`` (every request that can be sent), ``client`` and ``engine`` (how requests leave),
``lowering`` (settings documents in Intune's words), ``reconcile`` (comparing and carrying out) and ``target.py``
(plan, apply, drift). What does not: what a fleet needs (:mod:`holofleet.desired.cloud` makes the nouns) and the
stand-in for tests (:mod:`holofleet.emulator`, which knows nothing of this and of which this knows nothing).

Start reading at ``work.py``: a conversation with a tenant without sockets; then ``engine.py``, which holds many of
them at once, and ``reconcile/kind.py``, the port of what is managed. No kind is registered yet.
"""
