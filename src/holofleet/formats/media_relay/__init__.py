"""A relay for media: configuration of coturn, and a firewall that holds it even where its own lists fail.

What lives here: ``turnserver.conf`` and the nftables rules beside it, written from one value. What does not: the
credentials that a call gets (:mod:`holofleet.server.assist`), and running the relay, which is the system's.
Start reading at ``relay.py``.
"""

from holofleet.formats.media_relay.coturn import configuration
from holofleet.formats.media_relay.firewall import egress
from holofleet.formats.media_relay.relay import DENIED, Relay

__all__ = ["DENIED", "Relay", "configuration", "egress"]
