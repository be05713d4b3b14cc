"""The fund of the demonstration countersigns the banks' checkpoints, by the witness that a real fund would run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from service.application.state import AppState
from service.ledger.checkpoints import FundReceipt, checkpoint
from service.ledger.signing_keys import PUBLIC, public_key
from service.ledger.tree import Tree
from service.offline import witness
from service.offline.witness import Told


@dataclass(frozen=True)
class BankInProcess:
    """The bank as a witness sees it, without a network between."""

    state: AppState

    def checkpoint(self) -> Told:
        """The newest checkpoint. Raises `NotReached` where there is none."""
        with self.state.engine.connect() as connection:
            found = checkpoint(connection)
        if found is None:
            raise witness.NotReached("there is no checkpoint yet")
        return _plain(found)

    def consistency(self, earlier: int, size: int) -> list[str]:
        """The proof that `size` entries begin with the earlier ones."""
        with self.state.engine.connect() as connection:
            return [one.hex() for one in Tree(connection, size).consistency(earlier, size)]

    def hand_in(self, receipt: Told) -> None:
        """Enter the receipt."""
        self.state.checkpoint_signer.take(msgspec.convert(receipt, FundReceipt))


@dataclass(frozen=True)
class FundWitness:
    """The fund with its key, in a folder of its own."""

    folder: Path

    @property
    def key(self) -> Path:
        """The private key's file."""
        return self.folder / "fund.pem"

    @property
    def public(self) -> Path:
        """The public key's file."""
        return self.folder / "fund.public.pem"

    def prepare(self) -> None:
        """Make folder and key."""
        self.folder.mkdir(parents=True)
        witness.make_private(self.key)

    def countersign(self, state: AppState) -> None:
        """Countersign the newest checkpoint, and hand the receipt in."""
        own = public_key(state.settings.keys / PUBLIC)
        witness.witness(BankInProcess(state), [own], witness.load_private(self.key), self.folder, state.now())


def _plain(told: Mapping[str, object]) -> Told:
    found: Told = msgspec.to_builtins(told)
    return found
