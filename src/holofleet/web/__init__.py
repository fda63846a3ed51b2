"""HTTP in, server call, HTTP out.

What lives here: the two listeners and their TLS (``transport``), what headsets call (``mdm``), the JSON API
(``api``), the pages (``console``), and the shell around them all: who may be addressed by which name, limits,
security headers, errors. What does not: decisions. Each handler checks the form of a request, asks one service
and renders the answer; tables, protocols and policy are elsewhere. Start reading at ``app.py``.
"""
