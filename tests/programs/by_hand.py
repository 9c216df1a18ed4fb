"""HTTP/1.1 and RFC 6455 by hand over a unix socket, with Python's standard library alone: what programs in this folder speak
that are written as a stranger would write them. Knows no path of any API.
"""

import base64
import hashlib
import json
import os
import socket
import struct

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA


def connected(path):
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    return one


def headers_of(file):
    """Status and headers of an answer, the names in small letters."""
    status = int(file.readline().split()[1])
    headers = {}
    while line := file.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return status, headers


def request(path, method, target, body=None, content_type=None):
    """Asks once: (status, headers, bytes). A body that is no bytes goes as JSON."""
    if body is not None and not isinstance(body, bytes):
        body, content_type = json.dumps(body).encode(), "application/json"
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    if body is not None:
        lines += [f"Content-Length: {len(body)}", f"Content-Type: {content_type or 'application/octet-stream'}"]
    with connected(path) as one:
        one.sendall("\r\n".join([*lines, "", ""]).encode() + (body or b""))
        file = one.makefile("rb")
        status, headers = headers_of(file)
        rest = file.read()
    if headers.get("transfer-encoding") == "chunked":
        rest = unchunked(rest)
    return status, headers, rest


def unchunked(rest):
    pieces = []
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return b"".join(pieces)
        pieces.append(rest[:length])
        rest = rest[length + 2 :]


class WebSocket:
    """One that a client opens."""

    def __init__(self, path, target):
        self.socket = connected(path)
        self.file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {target} HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        self.socket.sendall(("\r\n".join([*lines, "", ""])).encode())
        status, headers = headers_of(self.file)
        assert status == 101, (status, self.file.read())
        wanted = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        assert headers["sec-websocket-accept"] == wanted, headers

    def message(self):
        """The next whole message: (opcode, payload). After a CLOSE, which is answered, there is none."""
        kind, pieces = None, []
        while True:
            is_final, opcode, payload = self.frame()
            if opcode == PING:
                self.say(payload, PONG)
            elif opcode == CLOSE:
                self.say(payload[:2], CLOSE)
                return CLOSE, payload
            elif opcode != PONG:
                kind = opcode or kind
                pieces.append(payload)
                if is_final:
                    return kind, b"".join(pieces)

    def say(self, payload, opcode=TEXT):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        length = len(payload)
        size = bytes([0x80 | length]) if length < 126 else b"\xfe" + struct.pack(">H", length)
        self.socket.sendall(bytes([0x80 | opcode]) + size + mask + masked)

    def frame(self):
        first, second = self.file.read(2)
        assert first & 0x70 == 0, "an extension that nobody asked for"
        assert second & 0x80 == 0, "a server masks nothing"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self.file.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.file.read(8))
        return first & 0x80, first & 0x0F, self.file.read(length)


def close_code(payload):
    """Of what a CLOSE carries (RFC 6455, 7.1.5)."""
    return struct.unpack(">H", payload[:2])[0] if payload else 1005
