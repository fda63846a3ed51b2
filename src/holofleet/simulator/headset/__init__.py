"""One headset: ``headset.py`` moves it, the other modules are what it consists of.

``identity``, ``keys``, ``csr``: who it is. ``enrollment``, ``soap``, ``provisioning``: how it joins. ``tree``,
``values``, ``payload/``, ``knowledge``, ``inventory``: what it holds. ``session``, ``syncml``, ``delivery``,
``polling``: how and when it talks to its server. ``enrolled``: what an enrollment leaves on it.
"""
