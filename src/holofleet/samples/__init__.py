"""The sample fleets: one complete, commented fleet file per scenario; ``init`` writes the same text.

What lives here: the texts, and moving their days so that loans and attestations lie around today. What does not:
anything that reads or checks a fleet file. Standard library only. Start reading at ``cloud-connected.yaml``.
"""

from holofleet.samples.text import SAMPLES, WRITTEN_ON, enclosures, text

__all__ = ["SAMPLES", "WRITTEN_ON", "enclosures", "text"]
