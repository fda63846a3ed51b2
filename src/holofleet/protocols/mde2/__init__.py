"""Enrollment: the messages of MS-MDE2 (with MS-XCEP and MS-WSTEP inside), in both directions.

What lives here: discovery, certificate policy, certificate issue, the provisioning document, credentials, faults,
and reading certificate requests as real clients write them. What does not: keys, certificates, whom to trust,
and URLs: all given by the caller. Each message has four functions, ``parse_request``, ``render_request``,
``parse_response`` and ``render_response``; the values are shared by both ends.

Start reading at ``discovery.py``, then ``policy.py``, ``enrollment.py`` and ``provisioning.py``.
"""
