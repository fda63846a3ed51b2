"""What a headset makes of the data of a setting: its own reading, so that a wrong document is noticed.

Each module reads one kind of payload and raises :class:`~holofleet.simulator.headset.payload.error.PayloadError`
for what a headset could not apply. Nothing here is shared with the code that writes such documents.
"""
