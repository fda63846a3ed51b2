"""Tables of calls: each call and its parties, what is still to be told to them, and who is there.

``call.data`` is the whole call; the columns beside it are what is searched by. ``call_party.busy`` holds a party's
name while it is in a call and NULL afterwards: being unique, it keeps everybody in one call at a time, whatever
processes do.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from holofleet.storage.tables.metadata import METADATA, integer_key, micros

_CALL = ["call.client_id", "call.id"]

CALL = Table(
    "call",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("open", Integer, nullable=False, server_default="1"),
    Column("data", Text, nullable=False),
    micros("created_at"),
    micros("started_at", nullable=True),
    micros("ended_at", nullable=True),
    micros("deadline", nullable=True),
    Column("reason", Text, nullable=False, server_default=""),
    Column("files", Integer, nullable=False, server_default="0"),
    Column("marks", Integer, nullable=False, server_default="0"),
    micros("kept_until", nullable=True),
    micros("chat_until", nullable=True),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
    Index(None, "open", "deadline"),
    Index(None, "client_id", "created_at", "id"),
    Index(None, "serial", "created_at"),
    Index("ix_call_counted", "created_at", "client_id", "serial", "started_at"),
    Index(None, "kept_until"),
)

CALL_PARTY = Table(
    "call_party",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("busy", Text, nullable=True, unique=True),
    Column("place", Integer, nullable=False),
    Column("person_id", Text, nullable=True),
    Column("holder_person_id", Text, nullable=True),
    Column("seq", Integer, nullable=False, server_default="0"),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
    Index(None, "who", "call_id"),
    Index(None, "person_id"),
    Index(None, "holder_person_id"),
)
"""``client_id`` is the call's; what else is known of a party stands in ``call.data``. ``seq``: its newest line."""

CALL_SIDE = Table(
    "call_side",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
)
"""Groups and clients of everybody who ever had a seat, as it was when they were seated: what barriers go by when
somebody reads the record, so that nobody's calls come into the open because they left or moved."""

CALL_LOG = Table(
    "call_log",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("party_id", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    micros("at"),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
)
"""What each party is told, in order. Gone when the call ends: it holds addresses and words."""

CALL_DONE = Table(
    "call_done",
    METADATA,
    Column("who", Text, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("answer", Text, nullable=False),
    micros("at"),
    Index(None, "at"),
)
"""Answers to messages that changed something, so that the same message again changes nothing."""

CALL_CHAT = Table(
    "call_chat",
    METADATA,
    integer_key("sequence"),
    Column("call_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("person_id", Text, nullable=True),
    Column("text", Text, nullable=False),
    micros("at"),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
    Index(None, "call_id", "sequence"),
)

CALL_FILE = Table(
    "call_file",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("data", Text, nullable=False),
    micros("at"),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
)
"""Files that were allowed to go from browser to browser: name, type, size and hash; never what is in them."""

CALL_MARK = Table(
    "call_mark",
    METADATA,
    integer_key("sequence"),
    Column("call_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("data", Text, nullable=False),
    micros("at"),
    UniqueConstraint("call_id", "id"),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
)
"""Events of marks, for who joins later and for the record where the call keeps them."""

CALL_QUALITY = Table(
    "call_quality",
    METADATA,
    integer_key("sequence"),
    Column("call_id", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("path", Text, nullable=False, server_default=""),
    Column("data", Text, nullable=False),
    micros("at"),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
    Index(None, "call_id", "sequence"),
)

CALL_MEDIA = Table(
    "call_media",
    METADATA,
    Column("call_id", Text, primary_key=True),
    Column("grade", Text, primary_key=True),
    Column("relayed", Integer, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    micros("at"),
    Column("seconds", Float, nullable=False),
    ForeignKeyConstraint(["client_id", "call_id"], _CALL, ondelete="CASCADE"),
    Index("ix_call_media_counted", "at", "client_id", "serial", "grade", "relayed", "seconds"),
)
"""How the media was at the headset of a call, summed as it is told, so that a site is counted without reading its
samples. ``at``: when the call began. ``relayed``: whether the media went through a relay."""

CALL_CHECK = Table(
    "call_check",
    METADATA,
    integer_key("sequence"),
    Column("client_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("grade", Text, nullable=False, server_default=""),
    Column("data", Text, nullable=False),
    micros("at"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
    Index(None, "serial", "at"),
)
"""What checks before a call found, by headset."""

CALL_SOCKET = Table(
    "call_socket",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("process", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("page", Text, nullable=False),
    micros("opened_at"),
    micros("seen_at"),
    Index(None, "who"),
    Index(None, "process"),
)
"""Open sockets. ``seen_at`` is renewed by their process; rows that are not renewed are of a process that ended."""

CALL_PRESENCE = Table(
    "call_presence",
    METADATA,
    Column("who", Text, primary_key=True),
    Column("state", Text, nullable=False),
    micros("at"),
)

GUEST_LINK = Table(
    "guest_link",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("call_id", Text, nullable=False, server_default=""),
    Column("person_id", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("session", Text, nullable=True, unique=True),
    Column("epoch", Integer, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("told_call", Text, nullable=False, server_default=""),
    micros("made_at"),
    micros("expires_at"),
    micros("opened_at", nullable=True),
    micros("asked_at", nullable=True),
    micros("admitted_at", nullable=True),
    micros("ended_at", nullable=True),
    Column("why", Text, nullable=False, server_default=""),
    UniqueConstraint("client_id", "id"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
    Index(None, "serial", "asked_at"),
    Index(None, "person_id"),
    Index(None, "expires_at"),
)
"""One-time links of guests. ``call_id`` is empty for a link to whatever call its maker has with the headset.
``digest`` and ``session``: SHA-256 of what the link, and the browser in which it was opened, show (LEAK-1)."""

GUEST_LINK_SIDE = Table(
    "guest_link_side",
    METADATA,
    Column("link_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    ForeignKeyConstraint(["client_id", "link_id"], ["guest_link.client_id", "guest_link.id"], ondelete="CASCADE"),
)
"""As ``call_side``, of the headset and of whoever made the link."""

CALL_FAVOURITE = Table(
    "call_favourite",
    METADATA,
    Column("serial", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    micros("at"),
    Column("used", BigInteger, nullable=False, server_default="0"),
    ForeignKeyConstraint(["client_id"], ["client.client_id"]),
)
"""Experts whom a headset keeps at hand: marked (``at`` above 0), or called (``used`` above 0: when last)."""
