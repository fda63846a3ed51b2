"""The target ``graph``: an Entra ID and Intune tenant, driven through Microsoft Graph.

What lives here: operations, client, engine, and the kinds of objects that the target manages. What does not:
what a fleet needs (:mod:`holofleet.desired.cloud` makes the nouns) and the stand-in for tests
(:mod:`holofleet.emulator`, which knows nothing of this and of which this knows nothing).
"""
