"""The target ``server``: publish the State and the fleet file to a holofleet server over its API.

Start reading at ``target.py``; ``reports.py`` reads what headsets said, and ``client.py`` is the HTTP client that
the command line uses as well.
"""

from holofleet.targets.server.client import ApiClient
from holofleet.targets.server.reports import read_reports
from holofleet.targets.server.target import ServerTarget

__all__ = ["ApiClient", "ServerTarget", "read_reports"]
