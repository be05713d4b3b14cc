"""The ledger's signing key: an Ed25519 private key in a file or in a device, and the entries about it.

A file `private.pem` lies unencrypted in the folder that PLEDGESCORE_KEYS names, with the permissions 0600: whoever may
read that file can sign in the name of the bank. Where there is none, the device that the settings name holds the key.
`public.pem` is what readers are given, by another way than a pack. A key is named by its 32 public bytes in hex.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from shutil import rmtree

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from sqlalchemy import Connection, Engine

from service.edge.database import writing
from service.edge.errors import Refused
from service.edge.key_reasons import RevocationReason
from service.edge.secret_files import BadKey, TokenPlace, write
from service.ledger import token_keys
from service.ledger.actors import actor_of, ran_by
from service.ledger.append import Sealed
from service.ledger.canonical import canonical, time_text
from service.ledger.change_log import Change, enter_change
from service.ledger.key_days import SIGNING, key_days
from service.ledger.seal import SUITE
from service.ledger.signing_devices import FileKey, SigningDevice, file_key
from service.ledger.token_keys import TokenKey
from service.ledger.written_kinds import KeyEntry
from service.offline.verify import HANDOVER, REVOCATION

PRIVATE, PUBLIC, RETIRED = "private.pem", "public.pem", "retired"


class NotRevocable(Refused):
    """The key is none that can be revoked like this."""

    status, problem = HTTPStatus.CONFLICT, "not-revocable"


class KeyNotInForce(Refused):
    """The key that would sign is not the one that the ledger names as in force."""

    status, problem = HTTPStatus.SERVICE_UNAVAILABLE, "key-not-in-force"


@dataclass(frozen=True)
class Signer:
    """Signs statements with the key that a device holds."""

    device: SigningDevice

    @property
    def key(self) -> str:
        """The public key, 64 hex digits."""
        return self.device.public

    def signed(self, what: str, statement: dict[str, object]) -> dict[str, object]:
        """The statement under its name, with this key in it, and the signature over its canonical text."""
        told = statement | {"suite": SUITE, "key": self.key}
        return {what: told, "signature": self.signature(told)}

    def signature(self, statement: Mapping[str, object]) -> str:
        """The signature over the canonical text of a statement that names this key."""
        return self.device.sign(canonical(statement)).hex()


def is_signed(told: Mapping[str, object], what: str, key: str) -> bool:
    """Whether the statement was signed with the public key."""
    try:
        public, statement = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)), told[what]
        public.verify(bytes.fromhex(str(told["signature"])), canonical(statement))
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return isinstance(statement, dict) and statement.get("key") == key


def check_in_force(connection: Connection, signer: Signer) -> None:
    """The key is the one in force; a ledger without entries about keys knows none. Raises `KeyNotInForce`."""
    days = key_days(connection)
    if days and days[-1]["key"] != signer.key:
        raise KeyNotInForce("key_not_in_force", key=signer.key, in_force=days[-1]["key"])


def has_signer(folder: Path, token: TokenPlace | None = None) -> bool:
    """Whether a key was made for the folder: in a file, or in the device."""
    return (folder / PRIVATE).exists() or (token is not None and (folder / PUBLIC).exists())


def load_signer(folder: Path, token: TokenPlace | None = None) -> Signer:
    """The signer of a folder of keys, or of the device. Raises `BadKey`, also where a file can be read by others."""
    if token is not None and not (folder / PRIVATE).exists() and (folder / PUBLIC).exists():
        return Signer(TokenKey(token, public_key(folder / PUBLIC)))
    return Signer(file_key(folder / PRIVATE))


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
    signer = Signer(FileKey(private, str(folder / PRIVATE)))
    _write_public(folder, signer)
    return signer


def initialise(engine: Engine, folder: Path, by: str, token: TokenPlace | None = None) -> tuple[Signer, Sealed]:
    """Make the first key, or take up the one in the token, and enter that it holds from now on.

    Raises `BadKey` where there is one.
    """
    if token is None:
        signer = make_key(folder)
    else:
        signer = Signer(token_keys.made_or_adopted(token))
        with engine.connect() as connection:
            if signer.key in [days["key"] for days in key_days(connection)]:
                raise BadKey("key_used_before", key=signer.key)
        _write_public(folder, signer)
    return signer, _enter(engine, KeyEntry(subject=SIGNING, public=signer.key, by=ran_by(by)), by)


def rotate(
    engine: Engine, folder: Path, by: str, token: TokenPlace | None = None, *, into_token: bool = False
) -> tuple[Signer, Sealed]:
    """Exchange the key: the old one signs the new, that is entered, and only then the old private key is removed.

    The new one is made in the token where that is wanted, or where the old one lies there. What was broken off by a
    crash behind the entry is taken up first. Raises `BadKey`, or `KeyNotInForce`.
    """
    _take_up(engine, folder, token)
    old, made = load_signer(folder, token), folder / "new"
    if token is not None and (into_token or isinstance(old.device, TokenKey)):
        new = Signer(token_keys.made(token))
        _write_public(made, new)
    else:
        new = make_key(made)
    handed = old.signed("handover", {"form": HANDOVER, "to": new.key})
    told = KeyEntry(subject=SIGNING, public=new.key, before=old.key, handover=handed, by=ran_by(by))
    entry = _enter(engine, told, by, old)
    _exchange(folder, old)
    return new, entry


def _take_up(engine: Engine, folder: Path, token: TokenPlace | None) -> None:
    """Put a key in its place that was entered by a rotation which was broken off; forget one that was not entered."""
    made = folder / "new"
    if not made.exists():
        return
    with engine.connect() as connection:
        days = key_days(connection)
    if days and (made / PUBLIC).exists() and public_key(made / PUBLIC) == days[-1]["key"]:
        _exchange(folder, load_signer(folder, token))
    else:
        rmtree(made)


def _exchange(folder: Path, old: Signer) -> None:
    """Remove the old private key, and put the new one in its place."""
    made = folder / "new"
    (folder / RETIRED).mkdir(exist_ok=True)
    (folder / PUBLIC).replace(folder / RETIRED / f"{old.key}.pem")
    if isinstance(old.device, TokenKey):
        token_keys.destroy(old.device)
    (folder / PRIVATE).unlink(missing_ok=True)
    for file in made.iterdir():
        file.replace(folder / file.name)
    made.rmdir()


def revoke(engine: Engine, signer: Signer, key: str, since: datetime, why: RevocationReason, by: str) -> Sealed:
    """Enter, signed by the key in force, that nothing counts which another key signed from a moment on.

    Raises `NotRevocable` where the ledger knows no such key, or it is in force, revoked already, or the moment lies
    ahead or before the key's first: that is a mistake, mostly one of the zone, and no revocation is taken back.
    Raises `KeyNotInForce`, `BadKey`.
    """
    told: dict[str, object] = {"form": REVOCATION, "revoked": key, "from": time_text(since), "reason": why}
    content = KeyEntry(subject=SIGNING, before=key, revocation=signer.signed("revocation", told), by=ran_by(by))
    with writing(engine) as connection:
        check_in_force(connection, signer)
        days = next((one for one in key_days(connection) if one["key"] == key), None)
        if days is None:
            raise NotRevocable("revoke_unknown", key=key)
        if days["until"] is None:
            raise NotRevocable("revoke_in_force", key=key)
        if days["revoked_from"] is not None and days["revoked_from"] <= time_text(since):
            raise NotRevocable("revoke_again", key=key, since=days["revoked_from"])
        if time_text(since) < days["since"]:
            raise NotRevocable("revoke_before", since=time_text(since), first=days["since"])
        entry = enter_change(connection, Change(content, actor_of(by)))
        if entry.at < time_text(since):
            raise NotRevocable("revoke_ahead", since=time_text(since))
        return entry


def _enter(engine: Engine, content: KeyEntry, by: str, old: Signer | None = None) -> Sealed:
    with writing(engine) as connection:
        if old is not None:
            check_in_force(connection, old)
        return enter_change(connection, Change(content, actor_of(by)))


def _write_public(folder: Path, signer: Signer) -> None:
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer.key))
    write(folder / PUBLIC, public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
