"""The ledger's signing key: an Ed25519 private key in a file that nobody else may read, and what was done with it.

The private key lies unencrypted in `private.pem` of the folder that PLEDGESCORE_KEYS names, with the permissions 0600:
whoever may read that file can sign in the name of the bank. `public.pem` beside it is what readers are given, by
another way than a pack. A key is named by its 32 public bytes in hex.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from sqlalchemy import Engine

from service.edge.database import writing
from service.edge.secret_files import BadKey, read, write
from service.ledger.actors import actor_of, ran_by
from service.ledger.append import Sealed
from service.ledger.canonical import canonical
from service.ledger.change_log import Change, enter_change
from service.ledger.seal import SUITE
from service.ledger.written_kinds import KeyEntry

PRIVATE, PUBLIC, RETIRED = "private.pem", "public.pem", "retired"


@dataclass(frozen=True)
class Signer:
    """Signs in the name of a public key."""

    private: Ed25519PrivateKey

    @property
    def key(self) -> str:
        """The public key, 64 hex digits."""
        return self.private.public_key().public_bytes_raw().hex()

    def signed(self, what: str, statement: dict[str, object]) -> dict[str, object]:
        """The statement under its name, with this key in it, and the signature over its canonical text."""
        told = statement | {"suite": SUITE, "key": self.key}
        return {what: told, "signature": self.signature(told)}

    def signature(self, statement: Mapping[str, object]) -> str:
        """The signature over the canonical text of a statement that names this key."""
        return self.private.sign(canonical(statement)).hex()


def is_signed(told: Mapping[str, object], what: str, key: str) -> bool:
    """Whether the statement was signed with the public key."""
    try:
        public, statement = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)), told[what]
        public.verify(bytes.fromhex(str(told["signature"])), canonical(statement))
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return isinstance(statement, dict) and statement.get("key") == key


def load_signer(folder: Path) -> Signer:
    """The signer of a folder of keys. Raises `BadKey` where its file can be read by others."""
    file = folder / PRIVATE
    text = read(file)
    try:
        private = load_pem_private_key(text, None)
    except ValueError:
        raise BadKey("no_private_key_file", file=file) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise BadKey("no_ed25519_key", file=file)
    return Signer(private)


def public_key(file: Path) -> str:
    """The public key of a PEM file, in hex. Raises `BadKey`."""
    try:
        public = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise BadKey("no_public_key_file", file=file, why=str(error)) from None
    if not isinstance(public, Ed25519PublicKey):
        raise BadKey("no_ed25519_key", file=file)
    return public.public_bytes_raw().hex()


def make_key(folder: Path) -> Signer:
    """A new key in a folder that has none. Raises `BadKey`."""
    private = Ed25519PrivateKey.generate()
    write(folder / PRIVATE, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write(folder / PUBLIC, _public_pem(private), 0o644)
    return Signer(private)


def initialise(engine: Engine, folder: Path, by: str) -> tuple[Signer, Sealed]:
    """Make the first key and enter that it holds from now on. Raises `BadKey` where there is one."""
    signer = make_key(folder)
    return signer, _enter(engine, KeyEntry(subject="signing", public=signer.key, by=ran_by(by)), by)


def rotate(engine: Engine, folder: Path, by: str) -> tuple[Signer, Sealed]:
    """Exchange the key: the old one signs the new, that is entered, and only then the old private key is removed.

    Raises `BadKey`.
    """
    old = load_signer(folder)
    made = folder / "new"
    new = make_key(made)
    handed = old.signed("handover", {"form": "pledgescore-handover-1", "to": new.key})
    told = KeyEntry(subject="signing", public=new.key, before=old.key, handover=handed, by=ran_by(by))
    entry = _enter(engine, told, by)
    (folder / RETIRED).mkdir(exist_ok=True)
    (folder / PUBLIC).replace(folder / RETIRED / f"{old.key}.pem")
    for name in (PRIVATE, PUBLIC):
        (made / name).replace(folder / name)
    made.rmdir()
    return new, entry


def _enter(engine: Engine, content: KeyEntry, by: str) -> Sealed:
    with writing(engine) as connection:
        return enter_change(connection, Change(content, actor_of(by)))


def _public_pem(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
