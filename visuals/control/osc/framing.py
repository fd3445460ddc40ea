"""Packets in a TCP stream, both ways they are sent: behind their size (OSC 1.0) or in SLIP frames (OSC 1.1).

Pure; never raises, keeps one packet at most. Which of the two a stream is, its first byte says: a size of four
bytes begins with 0, as no packet may have 16 MB; a SLIP frame begins with its END or with a packet's `/` or `#`.
Source: OSC 1.0, section on stream protocols; OSC 1.1 (Freed, Schmeder 2009); RFC 1055.
"""

from __future__ import annotations

from visuals.control.osc.packet import PACKET_BYTES

END, ESC, ESC_END, ESC_ESC = b"\xc0", b"\xdb", b"\xdb\xdc", b"\xdb\xdd"
SIZE_BYTES = 4
FRAME_BYTES = 2 * PACKET_BYTES
"""A packet all of whose bytes are escaped."""


class Framing:
    """Finds the packets in a stream, and frames those that go back the same way."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._slip: bool | None = None
        self._endless = False  # what comes up to the next END belongs to a frame that was dropped
        self.broken = False
        """A size that cannot be: where the next packet begins, nobody knows. The stream is to be closed."""

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that `data` completes."""
        if self.broken or not data:
            return []
        if self._slip is None:
            self._slip = data[0] != 0
        self._held += data
        return self._frames() if self._slip else self._sized()

    def _frames(self) -> list[bytes]:
        *whole, self._held = self._held.split(END)
        if whole and self._endless:
            del whole[0]
            self._endless = False
        if len(self._held) > FRAME_BYTES:
            self._held.clear()
            self._endless = True
        return [bytes(f.replace(ESC_END, END).replace(ESC_ESC, ESC)) for f in whole if 0 < len(f) <= FRAME_BYTES]

    def _sized(self) -> list[bytes]:
        packets = []
        while len(self._held) >= SIZE_BYTES:
            size = int.from_bytes(self._held[:SIZE_BYTES])
            if size > PACKET_BYTES:
                self.broken = True
                self._held.clear()
                break
            if len(self._held) < SIZE_BYTES + size:
                break
            packets.append(bytes(self._held[SIZE_BYTES : SIZE_BYTES + size]))
            del self._held[: SIZE_BYTES + size]
        return packets

    def frame(self, packet: bytes) -> bytes:
        """A packet as the other end sends its own."""
        if self._slip:
            return END + packet.replace(ESC, ESC_ESC).replace(END, ESC_END) + END
        return len(packet).to_bytes(SIZE_BYTES) + packet
