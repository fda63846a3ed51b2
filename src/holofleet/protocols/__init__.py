"""The wire: codecs between bytes and values for the protocols that a headset, and a call, speaks.

What lives here: safe XML (``xml.py``), SOAP (``soap.py``), enrollment (``mde2/``) and device management
(``syncml/``), each in both directions, messages of a call (``signaling/``), and the rules of a conversation as
pure state machines. What does not: sockets, files, clocks, databases, and every decision about a headset. Bytes
in, values out; values in, bytes out. Nothing here knows the server or the simulator, and both ends use the same
values.

Start reading at ``syncml/values.py`` for device management, at ``mde2/discovery.py`` for enrollment, at
``signaling/call.py`` for calls.
"""
