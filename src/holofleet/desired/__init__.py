"""From the fleet file to the desired State: ``compile`` and ``explain``.

What lives here: one compiler per group of typed keys (:mod:`.groups`), raw settings, who wins when layers speak
about one node (:mod:`.resolution`), the directory resources, and where each value comes from. What does not:
whether the fleet is wise (:mod:`holofleet.checks`), and anything that was reported by a headset. Pure
functions; no secret is ever resolved here. Start reading at ``compilation.py``, then one file of ``groups/``.
"""

from holofleet.desired.compilation import compile  # noqa: A004 - the verb of this room
from holofleet.desired.errors import CompileError
from holofleet.desired.explanation import Explanation, Step, explain

__all__ = ["CompileError", "Explanation", "Step", "compile", "explain"]
