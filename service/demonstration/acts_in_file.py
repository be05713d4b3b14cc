"""How somebody of the demonstration does something in a loan file: by the use cases, which may refuse it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from service.assessing.records import ReadyAnswer
from service.demonstration.applications import DemoApplication
from service.demonstration.made_papers import PaperNumbers, made_paper
from service.demonstration.office import Office
from service.edge.errors import Refused
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.loan_files.advised import AdvisedAnswer
from service.loan_files.drawdown_papers import PaperKind
from service.loan_files.record import LoanFile
from service.loan_files.turns import FileTurn


@dataclass
class ActsInFile:
    """An application with its number, the officer who leads it, the first answer, and the file once it was asked."""

    office: Office
    one: DemoApplication
    number: int
    lead: str
    first: ReadyAnswer
    refusals: list[str] = field(default_factory=list)
    _file: LoanFile | None = None

    @property
    def state(self) -> str | None:
        """The state of its loan file; None while nobody asked yet."""
        return None if self._file is None else self._file.state

    @property
    def _now(self) -> LoanFile:
        if self._file is None:
            raise ValueError("nobody asked yet")
        return self._file

    @property
    def _answer(self) -> AdvisedAnswer:
        file = self._now
        return self.office.advised(file.newest if file.state in ("draft", "returned") else file.assessment)

    def _act(self, account: str, kind: Kind, work: Callable[[FileTurn], EntryContent]) -> bool:
        return self._done(lambda: self.office.act(self._now.id, account, kind, work))

    def _done(self, act: Callable[[], LoanFile]) -> bool:
        try:
            self._file = act()
        except Refused as refused:
            self._note(refused)
            return False
        return True

    def _note(self, refused: Refused) -> None:
        self.refusals.append(",".join(dict.fromkeys(one.code for one in refused.as_faults())))

    def _kept(self, kind: PaperKind, numbers: PaperNumbers) -> str:
        """What a paper of today is called that was kept beside the file, with its SHA-256."""
        paper = made_paper(kind, self._now, numbers, self.office.today)
        digest = self.office.keep(self._now.id, self.lead, paper)
        self._file = self.office.file(self._now.id)
        return f"{paper.told.what} SHA-256 {digest}"
