"""What others wrote, as a fleet file: a first draft that a person completes.

What lives here: one room per source (:mod:`.kiosk`: a kiosk document; :mod:`.tenant`: an Entra ID and Intune
tenant). Each takes what was read already and returns the draft beside remarks: what could not be carried, with its
place. What does not: reading from disk (:mod:`holofleet.cli`) or from a tenant (:mod:`holofleet.targets.graph`),
and the strict readers of what we write ourselves (:mod:`holofleet.formats`).

Nothing here executes, applies or follows what it reads, and what stands in a draft has passed the kinds of the
fleet file (:mod:`holofleet.spec.values`): a hostile document cannot write YAML of its own. Start reading at
``kiosk/__init__.py``.
"""
