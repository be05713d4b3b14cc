"""The models in service: each kind's champion, found by alias, kept on disk by hash, exchanged whole while serving.

A request takes one bundle and keeps it to its end; a moved alias only changes what the next request takes. Where the
registry is away, what was found last serves on.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType

from sqlalchemy import Connection

from features.errors import PledgeScoreError
from features.policy import Policy
from models.score.bundle import Bundle, BundleRefused, load
from models.score.kind import KindName
from service.assessing.governance import Governance, StoppedModel, Trouble, Ungoverned
from service.assessing.model_sources import CHAMPION, FoundBundle, ModelSource, RegisteredModel, RegistryAway
from service.assessing.model_validity import ServedBy
from service.assessing.release_check import NotReleased
from service.edge.errors import NoModel, Refused

log = logging.getLogger("pledgescore")


@dataclass(frozen=True)
class LoadedModel:
    """A bundle in service, and since when."""

    bundle: Bundle
    version: str | None
    since: datetime


class ModelStore:
    """The bundles that serve now. Reading is one look into an immutable mapping that is exchanged whole."""

    def __init__(
        self,
        source: ModelSource,
        policy: Policy,
        now: Callable[[], datetime],
        governance: Governance | None = None,
    ) -> None:
        """`policy` is the shipped one, on which exams are sat; `governance` may refuse a bundle."""
        self._source, self._policy, self._now = source, policy, now
        self._governance: Governance = governance or Ungoverned()
        self._read: dict[KindName, Bundle] = {}
        self._beside: dict[KindName, Bundle] = {}
        self._held: Mapping[KindName, LoadedModel] = MappingProxyType({})
        self._trouble: Trouble | None = None
        self._looking = threading.Lock()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def of(self, kind: KindName) -> Bundle:
        """The bundle that answers now. Raises `NoModel`."""
        held = self._held.get(kind)
        if held is None:
            why = self._trouble.faults if self._trouble else ()
            raise NoModel("no_model", kind=kind, alias=CHAMPION, faults=why)
        return held.bundle

    def not_to_be_recorded(self, connection: Connection, answered: Collection[ServedBy]) -> Mapping[ServedBy, Refused]:
        """Of what answered, that whose answers must not be recorded any more, and why."""
        return self._governance.not_to_be_recorded(connection, answered)

    def stopped(self) -> list[StoppedModel]:
        """What serves, but may not answer by now: for whom, and why."""
        return self._governance.stopped([(kind, one.bundle.id) for kind, one in self._held.items()], self._now())

    def registered(self, bundle: str) -> RegisteredModel | None:
        """A bundle that the registry knows, or that a deployer named; None for any other. Raises `RegistryAway`."""
        named = any(one.bundle.id == bundle for one in self._held.values())
        return self._source.registered(bundle) or (RegisteredModel() if named else None)

    @property
    def held(self) -> Mapping[KindName, LoadedModel]:
        """All that serves now, by kind."""
        return self._held

    def challengers(self) -> list[tuple[Bundle, str | None]]:
        """The challengers that the registry names, with their versions. Raises `RegistryAway`.

        One that cannot be read is told as the registry being of no use: nothing serves that was not looked at.
        """
        found = []
        try:
            for kind, one in self._source.challengers().items():
                if kind not in self._beside or self._beside[kind].id != one.id:
                    self._beside[kind] = load(one.folder, self._policy, one.id)
                found.append((self._beside[kind], one.version))
        except BundleRefused as refused:
            raise RegistryAway("challenger_refused", faults=refused.as_faults()) from refused
        return found

    def page_of(self, kind: KindName, version: str) -> str | None:
        """Where people see a version and the run that made it; None where there is no such page."""
        return self._source.page_of(kind, version)

    @property
    def trouble(self) -> Trouble | None:
        """Since when and why the registry is away, or its champion was refused; None where all is well."""
        return self._trouble

    def look(self) -> None:
        """Ask the registry, or follow the process that does. Raises nothing: what serves goes on serving."""
        if self._governance.asks_the_registry():
            self.refresh()
        else:
            self.follow()

    def refresh(self) -> None:
        """Ask the registry for the champions and exchange what has changed."""
        with self._looking:
            try:
                found = self._source.found()
            except PledgeScoreError as error:
                self._note(error)
                if not self._held:
                    self._take(self._source.remembered())
            else:
                if not self._take(found):
                    self._trouble = None
            self._agree(lambda: self._governance.tell(self._trouble))

    def follow(self) -> None:
        """Serve what the process says that asks the registry; exchange what has changed."""
        with self._looking:
            try:
                announced, self._trouble = self._governance.announced(), self._governance.told()
            except PledgeScoreError as away:
                log.warning("models: %s", away)
                return
            held = dict(self._held)
            for kind, now in announced.items():
                if not now.bundle:
                    held.pop(kind, None)
                elif kind not in held or held[kind].bundle.id != now.bundle:
                    try:
                        bundle = self._bundle(kind, self._source.fetch(kind, now.bundle, now.version))
                    except PledgeScoreError as error:
                        self._note(error)
                    else:
                        held[kind] = LoadedModel(bundle, now.version, datetime.fromisoformat(now.since))
                        log.info("%s: bundle %s in service, as announced", kind, bundle.id)
            self._held = MappingProxyType(held)

    def watch(self, seconds: float) -> None:
        """Look every so many seconds in a thread of its own, where the source can move."""
        if self._source.moves:
            self._watcher = threading.Thread(target=self._watch, args=(seconds,), name="models", daemon=True)
            self._watcher.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()

    def _watch(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            self.look()

    def _take(self, found: Mapping[KindName, FoundBundle]) -> bool:
        """Exchange what is held; True where a bundle was refused.

        It leaves the one before it in service. One that serves and may not go on leaves service.
        """
        held, refused = {}, False
        for kind, one in found.items():
            try:
                held[kind] = self._loaded(kind, one)
            except PledgeScoreError as error:
                refused = True
                self._note(error)
                ended = isinstance(error, NotReleased) and kind in self._held and self._held[kind].bundle.id == one.id
                if kind in self._held and not ended:
                    held[kind] = self._held[kind]
        for kind in self._held.keys() - held.keys():
            self._agree(partial(self._governance.announce, kind, None, None, self._now()))
        self._held = MappingProxyType(held)
        self._agree(self._announce_again)
        return refused

    def _loaded(self, kind: KindName, found: FoundBundle) -> LoadedModel:
        held = self._held.get(kind)
        if held is not None and held.bundle.id == found.id:
            self._governance.check(held.bundle, held.version, self._now())
            return held
        bundle = self._bundle(kind, found)
        taken = LoadedModel(bundle, found.version, self._now())
        self._governance.admit(bundle, found.folder, found.version, taken.since)
        self._governance.announce(kind, bundle, found.version, taken.since)
        log.info("%s: bundle %s in service", kind, bundle.id)
        return taken

    def _bundle(self, kind: KindName, found: FoundBundle) -> Bundle:
        bundle = self._read.get(kind)
        if bundle is None or bundle.id != found.id:  # one that is refused is not read again at every look
            bundle = self._read[kind] = load(found.folder, self._policy, found.id)
        return bundle

    def _announce_again(self) -> None:
        """What is held, where something else stands announced: whoever asked the registry before may have seen less."""
        announced = self._governance.announced()
        for kind, held in self._held.items():
            if kind in announced and announced[kind].bundle != held.bundle.id:
                self._governance.announce(kind, held.bundle, held.version, held.since)

    def _agree(self, work: Callable[[], None]) -> None:
        """Do what lets the processes agree; where the database is away, the next look does it."""
        try:
            work()
        except PledgeScoreError as away:
            log.warning("models: %s", away)

    def _note(self, error: PledgeScoreError) -> None:
        faults = tuple(error.as_faults())
        if self._trouble is None or self._trouble.faults != faults:
            log.warning("models: %s", error)
            self._trouble = Trouble(self._now().isoformat(), faults)
