"""What headsets call: discovery, policy, enrollment and management, in bare ASGI.

What lives here: the form of a request (method, name, length, media type, rate), whose certificate it is, and the
HTTP around the answers of two services. What does not: the messages (:mod:`holofleet.protocols`) and what is
decided about them (:mod:`holofleet.server`). No framework touches these paths: one idle check-in must stay cheap.
Start reading at ``routes.py``.
"""

from holofleet.web.mdm.routes import device_paths, enrollment_paths

__all__ = ["device_paths", "enrollment_paths"]
