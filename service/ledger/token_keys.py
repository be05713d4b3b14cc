"""A signing key in a device that is asked by PKCS #11: a hardware security module, or SoftHSM.

The private key is made in the device, is never shown, and signs there (CKM_EDDSA). It is found by the label that the
settings name and by its public key, which lies in the folder of keys. The package `python-pkcs11` (extra `pkcs11`) is
imported where a device is configured, and nowhere else.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from service.edge.secret_files import BadKey, TokenPlace, read

if TYPE_CHECKING:
    from pkcs11 import PrivateKey, PublicKey, Session

ED25519 = "1.3.101.112"
_ID_BYTES = 16
_POINT = 32
T = TypeVar("T")


@dataclass
class TokenKey:
    """The key of a token whose public key is known; one session, one signature at a time."""

    place: TokenPlace
    public: str
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: "tuple[Session, PrivateKey] | None" = None

    @property
    def name(self) -> str:
        """Token and label."""
        return f"pkcs11:token={self.place.token};object={self.place.label}"

    def sign(self, text: bytes) -> bytes:
        """The signature, 64 bytes; asked once more in a session of its own where the one before was lost."""
        with self._lock:
            if self._held is not None:
                try:
                    return self._signed(self._held[1], text)
                except BadKey:
                    self._close()
            self._held = self._opened()
            return self._signed(self._held[1], text)

    def _signed(self, private: "PrivateKey", text: bytes) -> bytes:
        from pkcs11 import Mechanism

        return _asked(self.place, lambda: bytes(private.sign(text, mechanism=Mechanism.EDDSA)))

    def _opened(self) -> "tuple[Session, PrivateKey]":
        session = _opened(self.place, write=False)
        found = _asked(self.place, lambda: _pair(session, self.place, self.public))
        if found is None:
            raise BadKey("token_without_key", token=self.place.token, label=self.place.label, key=self.public)
        return session, found[1]

    def _close(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            with suppress(BadKey):  # it was lost
                _asked(self.place, held[0].close)


def made_or_adopted(place: TokenPlace) -> TokenKey:
    """The key that lies under the label, or a new one. Raises `BadKey`, also where several lie there."""
    with _session(place) as session:
        there = _asked(place, lambda: [point for point, _ in _publics(session, place)])
        if len(there) > 1:
            raise BadKey("token_with_several", token=place.token, label=place.label, count=len(there))
        return TokenKey(place, there[0] if there else _asked(place, lambda: _generated(session, place)))


def made(place: TokenPlace) -> TokenKey:
    """A new key under the label. Raises `BadKey`."""
    with _session(place) as session:
        return TokenKey(place, _asked(place, lambda: _generated(session, place)))


def destroy(key: TokenKey) -> None:
    """Remove the key from its token. Raises `BadKey`."""
    with _session(key.place) as session:
        for one in _asked(key.place, lambda: _pair(session, key.place, key.public)) or ():
            _asked(key.place, one.destroy)


def _generated(session: "Session", place: TokenPlace) -> str:
    from pkcs11 import Attribute, KeyType, Mechanism
    from pkcs11.util.ec import encode_named_curve_parameters

    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(ED25519)}
    public, _ = session.create_domain_parameters(KeyType.EC_EDWARDS, curve, local=True).generate_keypair(
        mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        store=True,
        label=place.label,
        id=os.urandom(_ID_BYTES),
        private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
    return _point(public)


def _pair(session: "Session", place: TokenPlace, public: str) -> "tuple[PublicKey, PrivateKey] | None":
    """Public and private object of a key; None where the token has not both."""
    from pkcs11 import Attribute, ObjectClass

    for point, shown in _publics(session, place):
        if point == public:
            wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: shown[Attribute.ID]}
            private = next(iter(list(session.get_objects(wanted))), None)
            return None if private is None else (shown, private)
    return None


def _publics(session: "Session", place: TokenPlace) -> "list[tuple[str, PublicKey]]":
    """The public Ed25519 keys under the label."""
    from pkcs11 import Attribute, KeyType, ObjectClass

    wanted = {
        Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.KEY_TYPE: KeyType.EC_EDWARDS, Attribute.LABEL: place.label,
    }  # fmt: skip
    return [(_point(one), one) for one in list(session.get_objects(wanted))]


def _point(public: "PublicKey") -> str:
    """The public key, 64 hex digits: devices wrap it as an octet or a bit string, or not at all."""
    from pkcs11 import Attribute

    return bytes(public[Attribute.EC_POINT])[-_POINT:].hex()


@contextmanager
def _session(place: TokenPlace) -> "Iterator[Session]":
    session = _opened(place, write=True)
    try:
        yield session
    finally:
        _asked(place, session.close)


def _opened(place: TokenPlace, *, write: bool) -> "Session":
    """A session that is logged in. Raises `BadKey`."""
    pin = read(place.pin_file).decode().strip()

    def work() -> "Session":
        import pkcs11

        token = pkcs11.lib(str(place.module)).get_token(token_label=place.token)
        try:
            return token.open(rw=write, user_pin=pin)
        except pkcs11.exceptions.UserAlreadyLoggedIn:  # by another session of this process, and so is this one
            return token.open(rw=write)

    return _asked(place, work)


def _asked(place: TokenPlace, work: Callable[[], T]) -> T:
    """Do it; what the device refuses is a `BadKey` that names its error, and never the PIN."""
    try:
        from pkcs11.exceptions import PKCS11Error
    except ImportError:
        raise BadKey("token_package_missing") from None
    try:
        return work()
    except (PKCS11Error, RuntimeError, OSError) as error:
        raise BadKey("token_unusable", token=place.token, module=place.module, why=type(error).__name__) from None
