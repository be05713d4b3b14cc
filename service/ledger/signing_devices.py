"""What holds a signing key. The key may lie in a file, or in a device that never gives it away."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from service.edge.secret_files import BadKey, read


class SigningDevice(Protocol):
    """Holds one Ed25519 private key and signs with it."""

    @property
    def name(self) -> str:
        """Where the key lies, for people; nothing secret."""

    @property
    def public(self) -> str:
        """The public key, 64 hex digits."""

    def sign(self, text: bytes) -> bytes:
        """The signature, 64 bytes. Raises `BadKey` where the device cannot be used."""


@dataclass(frozen=True)
class FileKey:
    """A key that lies in a file, or in memory alone."""

    private: Ed25519PrivateKey
    name: str = "-"

    @property
    def public(self) -> str:
        """The public key, 64 hex digits."""
        return self.private.public_key().public_bytes_raw().hex()

    def sign(self, text: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self.private.sign(text)


def file_key(file: Path) -> FileKey:
    """The key of a PEM file. Raises `BadKey`, also where the file can be read by others."""
    text = read(file)
    try:
        private = load_pem_private_key(text, None)
    except ValueError:
        raise BadKey("no_private_key_file", file=file) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise BadKey("no_ed25519_key", file=file)
    return FileKey(private, str(file))
