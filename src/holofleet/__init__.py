"""holofleet: deploy and run fleets of HoloLens 2 headsets.

Start reading at ``ARCHITECTURE.md`` in the project's root. The command line is wired in
:mod:`holofleet.cli`; everything the two halves of the system share stands in :mod:`holofleet.resources`.
"""

__version__ = "0.1.0.dev0"
