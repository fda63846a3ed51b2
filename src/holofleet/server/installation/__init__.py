"""The data folder: keys, certificates, the lock, and what must outlive a restored database.

What lives here: making DIR on the first start, refusing one that others could read, holding its lock,
unwrapping keys, and the facts that stand outside the database on purpose (epoch, revocations). What does not:
the database itself, and what a key is used for. Start reading at ``folder.py``.

    DIR/ca.pem              certificate of the server CA: what people and headsets trust beforehand
    DIR/device-ca.pem       certificate of the device CA: what headsets get when they enroll
    DIR/tls/                certificate and key of the listeners; an operator's own certificate replaces ours
    DIR/keys/               the key encryption key, and private keys wrapped by it; 0700, files 0600
    DIR/installation.json   id, epoch, and a check value of the key encryption key
    DIR/revocations         append-only
    DIR/lock                held by the one server or command that works in DIR
    DIR/server.json         written by a running server: where it is, and how local commands get in
"""

from holofleet.server.installation.announce import RunningServer, find_running_server
from holofleet.server.installation.folder import Installation
from holofleet.server.installation.keyring import Keyring, Purpose
from holofleet.server.installation.lock import FolderInUseError
from holofleet.server.installation.revocations import RevocationFile

__all__ = [
    "FolderInUseError",
    "Installation",
    "Keyring",
    "Purpose",
    "RevocationFile",
    "RunningServer",
    "find_running_server",
]
