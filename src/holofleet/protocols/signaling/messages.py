"""What a client may say, as types: a field that is not named here, or of another form, makes no message.

``seq``, ``ts`` and who sent it are never the client's to say; the server adds them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from holofleet.protocols.signaling import limits

MessageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=limits.ID_LETTERS)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]*$", max_length=80)]
Reference = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=limits.REFERENCE_LETTERS)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Amount = Annotated[float, Field(ge=0, lt=1e12, allow_inf_nan=False)]


class Part(BaseModel):
    """A part of a message."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Message(Part):
    """What all messages carry. ``id``: the client's name for this message; the answer repeats it as ``re``."""

    v: Annotated[int, Field(ge=limits.VERSION, le=limits.VERSION)]
    id: MessageId


class OfCall(Message):
    """A message about one call."""

    call: Key


class Resume(Part):
    """A call that a page is in, and the last ``seq`` of it that the page has; 0: it has nothing of it."""

    call: Key
    seq: Count


class Hello(Message):
    """The first message on a socket; ``resume``: the calls that the page is in, and the last ``seq`` it has."""

    type: Literal["hello"]
    page: Literal["headset", "expert", "guest"]
    resume: Annotated[list[Resume], Field(max_length=limits.RESUMED)] = []


class Ping(Message):
    """Is anybody there? Either side asks; the other answers with ``pong``."""

    type: Literal["ping"]


class Pong(Message):
    """The answer to a ``ping``."""

    type: Literal["pong"]


class PresenceSet(Message):
    """An expert may be called from now on, or not. What they said holds on all their pages."""

    type: Literal["presence.set"]
    state: Literal["ready", "away"]


class ExpertsList(Message):
    """``call``: whom that call may take in or go to; without it: whom the headset may call."""

    type: Literal["experts.list"]
    query: Annotated[str, StringConstraints(max_length=80)] = ""
    after: Annotated[str, StringConstraints(max_length=400)] = ""
    call: Key = ""


class FavouriteSet(Message):
    """A headset keeps an expert at the top of its list, or not any more. ``key``: as ``experts`` gave it."""

    type: Literal["favourite.set"]
    key: Key
    on: bool


class CallInvite(Message):
    """``to`` names somebody; ``any`` a rota, or with no name whoever answers for the asset."""

    type: Literal["call.invite"]
    to: Key | None = None
    any: Key | None = None
    asset: Reference = ""
    work_order: Reference = ""


class CallAccept(OfCall):
    """Whoever it rings for answers; media has to be connected within 20 s."""

    type: Literal["call.accept"]


class CallDecline(OfCall):
    """``offer``: somebody else who could be called instead."""

    type: Literal["call.decline"]
    reason: Literal["busy", "declined", "not-now"] = "declined"
    offer: Key = ""


class CallCancel(OfCall):
    """Whoever called does not want to any more; while it rings."""

    type: Literal["call.cancel"]


class CallConnected(OfCall):
    """The sender's media is connected, for the first time or again."""

    type: Literal["call.connected"]
    path: Literal["direct", "relay-udp", "relay-tcp", "relay-tls", ""] = ""


class CallLost(OfCall):
    """The sender's media is lost; it tries to connect again."""

    type: Literal["call.lost"]


class CallLeave(OfCall):
    """The sender leaves. Without a headset or without an expert the call is over."""

    type: Literal["call.leave"]


class CallEnd(OfCall):
    """The sender ends the call for everybody; a guest cannot."""

    type: Literal["call.end"]


class CallAdd(OfCall):
    """A headset or an expert asks a third party in. ``to``: as ``experts`` gave it."""

    type: Literal["call.add"]
    to: Key


class CallHandOver(OfCall):
    """``goes``: the party that leaves for it; said where a headset hands over and two experts are there."""

    type: Literal["call.hand_over"]
    to: Key
    goes: Key = ""


class CallMedia(OfCall):
    """The sender's camera and microphone are on or off from now on."""

    type: Literal["call.media"]
    camera: bool
    microphone: bool


class CallAbout(OfCall):
    """What the call is about. ``note``: the experts' alone; a headset's is not kept."""

    type: Literal["call.about"]
    asset: Reference = ""
    work_order: Reference = ""
    note: Annotated[str, StringConstraints(max_length=limits.NOTE_LETTERS)] = ""


class Description(Part):
    """A session description as WebRTC has it (RTCSessionDescriptionInit); its SDP is passed on unread."""

    type: Literal["offer", "answer", "pranswer", "rollback"]
    sdp: Annotated[str, StringConstraints(max_length=limits.SDP_BYTES)] = ""


class Candidate(Part):
    """An address as WebRTC has it (RTCIceCandidateInit); empty at the end of a generation of them."""

    candidate: Annotated[str, StringConstraints(max_length=limits.CANDIDATE_BYTES)]
    sdpMid: Annotated[str, StringConstraints(max_length=64)] | None = None  # noqa: N815 - WebRTC's spelling
    sdpMLineIndex: Annotated[int, Field(ge=0, lt=1024)] | None = None  # noqa: N815 - WebRTC's spelling
    usernameFragment: Annotated[str, StringConstraints(max_length=256)] | None = None  # noqa: N815 - as above


class SignalDescription(OfCall):
    """For the party ``to`` of the call: the next step of offer and answer."""

    type: Literal["signal.description"]
    to: Key
    description: Description


class SignalCandidate(OfCall):
    """``candidate`` of ``None``: there are no more."""

    type: Literal["signal.candidate"]
    to: Key
    candidate: Candidate | None


class SignalRestart(OfCall):
    """The party ``to`` should begin again with an ICE restart, because the sender cannot."""

    type: Literal["signal.restart"]
    to: Key


class TurnGet(Message):
    """``call`` empty: for the check before a call."""

    type: Literal["turn.get"]
    call: Key = ""


class ChatSend(OfCall):
    """Words for everybody in the call, the sender too."""

    type: Literal["chat.send"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=limits.CHAT_LETTERS, pattern=r"^[^\x00]*$")]


class File(Part):
    """A file that goes from browser to browser. ``size``: in bytes."""

    id: MessageId
    name: Annotated[
        str, StringConstraints(min_length=1, max_length=limits.NAME_LETTERS, pattern=r"^[^\x00-\x1f\x7f/\\]*$")
    ]
    type: Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
    size: Annotated[int, Field(ge=1, le=limits.FILE_BYTES)]
    sha256: Sha256


class FileOffer(OfCall):
    """May this file go to everybody in the call? It begins to when ``file.allowed`` has come."""

    type: Literal["file.offer"]
    file: File


class MarksCopy(OfCall):
    """Events of marks that went from browser to browser, to be kept; what they may hold is judged elsewhere."""

    type: Literal["marks.copy"]
    events: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=limits.MARKS_AT_ONCE)]


class RecordAsk(OfCall):
    """An expert asks everybody in the call whether it may be recorded."""

    type: Literal["record.ask"]


class RecordAnswer(OfCall):
    """Whoever was asked agrees or not; a no, now or later, ends the recording."""

    type: Literal["record.answer"]
    agree: bool


class RecordStop(OfCall):
    """Nothing is recorded any more, until somebody asks again."""

    type: Literal["record.stop"]


class GuestKnock(Message):
    """A guest asks to be let in, and asks again while they wait; ``name``: as the others will see it."""

    type: Literal["guest.knock"]
    name: Annotated[
        str, StringConstraints(min_length=1, max_length=limits.GUEST_LETTERS, pattern=r"^[^\x00-\x1f\x7f]*$")
    ]


class GuestsList(OfCall):
    """Which guests wait before a call, and which links to it are open."""

    type: Literal["guests.list"]


class GuestAdmit(OfCall):
    """An expert lets in a guest who waits; ``link``: the id of the link by which they came."""

    type: Literal["guest.admit"]
    link: Key


class GuestRefuse(OfCall):
    """An expert sends away a guest who waits; their link is over."""

    type: Literal["guest.refuse"]
    link: Key


class GuestWithdraw(OfCall):
    """Take a link back; whoever came by it goes."""

    type: Literal["guest.withdraw"]
    link: Key


Grade = Literal["optimal", "minimum", "reduced", "stills", "audio", "none"]


class Sample(Part):
    """How the media was for a while; ``t``: when, in ms since the epoch by the server's clock; ``s``: how long."""

    t: Count
    grade: Grade
    s: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)] = 5.0
    up_kbps: Amount | None = None
    down_kbps: Amount | None = None
    rtt_ms: Amount | None = None
    jitter_ms: Amount | None = None
    loss: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    fps: Amount | None = None
    width: Annotated[int, Field(ge=0, lt=65536)] | None = None
    height: Annotated[int, Field(ge=0, lt=65536)] | None = None
    limited: Literal["none", "cpu", "bandwidth", "other"] | None = None
    path: Literal["direct", "relay-udp", "relay-tcp", "relay-tls"] | None = None
    freezes: Count | None = None


class Quality(OfCall):
    """How the media of the sender was since the last such message, in the order of time."""

    type: Literal["quality"]
    samples: Annotated[list[Sample], Field(min_length=1, max_length=limits.SAMPLES_AT_ONCE)]


class CheckReport(Message):
    """What the check before a call found; ``None``: not tried."""

    type: Literal["check.report"]
    camera: bool | None = None
    microphone: bool | None = None
    udp: bool | None = None
    tcp: bool | None = None
    tls: bool | None = None
    grade: Grade | None = None
    up_kbps: Amount | None = None
    down_kbps: Amount | None = None
    rtt_ms: Amount | None = None
    jitter_ms: Amount | None = None
    loss: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    width: Annotated[int, Field(ge=0, lt=65536)] | None = None
    height: Annotated[int, Field(ge=0, lt=65536)] | None = None
    access_point: Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


ClientMessage = Annotated[
    Hello
    | Ping
    | Pong
    | PresenceSet
    | ExpertsList
    | FavouriteSet
    | CallInvite
    | CallAccept
    | CallDecline
    | CallCancel
    | CallConnected
    | CallLost
    | CallLeave
    | CallEnd
    | CallAdd
    | CallHandOver
    | CallMedia
    | CallAbout
    | SignalDescription
    | SignalCandidate
    | SignalRestart
    | TurnGet
    | ChatSend
    | FileOffer
    | MarksCopy
    | RecordAsk
    | RecordAnswer
    | RecordStop
    | GuestKnock
    | GuestsList
    | GuestAdmit
    | GuestRefuse
    | GuestWithdraw
    | Quality
    | CheckReport,
    Field(discriminator="type"),
]
"""Everything that a client may say."""
