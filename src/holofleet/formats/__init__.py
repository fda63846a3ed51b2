"""Documents that a headset or a tool reads whole: their models, their writers and their readers.

What lives here: one module or folder per document kind, each with values, ``render`` (a value to text, the same
value always to the same bytes) and ``parse`` (text to a value, refusing what the device would refuse). What does
not: which document a headset gets (:mod:`holofleet.desired`) and how it travels (:mod:`holofleet.protocols`).
Start reading at ``assigned_access/model.py``, the kiosk; ``markup.py`` is the XML that all of them share.
"""
