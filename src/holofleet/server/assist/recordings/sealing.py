"""Keys and seals of recordings: deleting a key deletes the recording, and nothing can be left out unnoticed.

Each recording has a data key of its own (:mod:`holofleet.server.sealing`), wrapped and bound to its id. Each chunk
is bound to the id, its number and whether it is the last; the last one is empty and closes the recording, so that
a missing end is noticed as a missing middle is. The header of a chunk's box lies in the database alone: a file
whose row was never stored opens with no key.
"""

from __future__ import annotations

from typing import Final

from holofleet.server.sealing import Context, DamagedError, SealedBox, SealingKey

_RESTORE: Final = "Restore the folder of recordings and the database from one and the same backup."


class RecordingKey:
    """The key of one recording, while it is used. Never shown."""

    def __init__(self, recording: str, key: SealingKey) -> None:
        self._recording = recording
        self._key = key

    def __repr__(self) -> str:
        return f"RecordingKey({self._recording!r})"

    def seal(self, number: int, plain: bytes) -> SealedBox:
        """Seal a chunk."""
        return self._key.seal(plain, context=self._context(number, last=False))

    def open(self, number: int, box: SealedBox) -> bytes:
        """Return what a chunk holds.

        Raises:
            DamagedError: it was changed, or is another chunk.
        """
        return self._open(number, box, last=False)

    def close(self, count: int) -> bytes:
        """Return the empty chunk after the last one, which says that there are ``count``."""
        return bytes(self._key.seal(b"", context=self._context(count, last=True)))

    def require_closed(self, count: int, mark: bytes) -> None:
        """Check that a recording ends after ``count`` chunks.

        Raises:
            DamagedError: it does not: chunks were taken away or added at the end.
        """
        self._open(count, SealedBox.parse(mark), last=True)

    def _open(self, number: int, box: SealedBox, *, last: bool) -> bytes:
        try:
            return self._key.open(box, context=self._context(number, last=last))
        except DamagedError as error:
            what = "its end" if last else f"chunk {number}"
            raise error.named(
                f"the recording is damaged: {what} is not what was recorded", mend=_RESTORE
            ) from error

    def _context(self, number: int, *, last: bool) -> Context:
        return ("recording chunk", self._recording, str(number), "last" if last else "")


class RecordingKeys:
    """Makes keys of recordings and opens them with a key of the installation."""

    def __init__(self, key: SealingKey) -> None:
        """Take the key that wraps; it lies outside the database."""
        self._key = key

    def new(self, recording: str) -> bytes:
        """Return a new key, wrapped."""
        return self._key.new_data_key(context=_of(recording))

    def open(self, recording: str, wrapped: bytes) -> RecordingKey:
        """Return the key that was wrapped for a recording.

        Raises:
            DamagedError: it was changed, is another recording's or another installation's.
        """
        try:
            return RecordingKey(recording, self._key.data_key(wrapped, context=_of(recording)))
        except DamagedError as error:
            mend = "Restore keys/ and the database from one and the same backup."
            raise error.named("the key of the recording cannot be opened", mend=mend) from error


def _of(recording: str) -> Context:
    return ("recording", recording)
