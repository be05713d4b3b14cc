"""The shapes that OpenAPI names; a test holds real answers against them."""

import msgspec
from pydantic import BaseModel

from models.score.grading import GradeFile
from service.access.answers import ACCESS
from service.access.people import BankPerson, PeopleListed
from service.assessing.assessment_index import EarlierAssessments
from service.assessing.catalogue import Catalogue
from service.assessing.listed_vocabulary import ListedVocabulary
from service.assessing.models_shown import ModelGate, ModelValidation
from service.assessing.trial_records import TrialAnswer, TrialsListed
from service.decisions.drawn_loans import DrawnPledge
from service.decisions.listing import ListedDecision, ListedDecisions
from service.decisions.loan_list import DrawnLoan, DrawnLoans
from service.decisions.orphans import OrphansFound
from service.firm_lists.listing import (
    FeedbackShown,
    FirmLists,
    FirmOnList,
    ListShown,
    ListsShown,
    PushedFirm,
    PushedFirms,
    PushesListed,
    PushShown,
)
from service.firm_lists.standing import GateLine
from service.jobs.listing import JobRowShown, JobRowsListed, JobShown, JobsListed
from service.ledger.checkpoints import SignedSizes
from service.ledger.resumption import Resumption
from service.loan_files.attachments import FileAttachment, FileAttachments
from service.loan_files.comments import FileComment, FileComments
from service.loan_files.drawdown_papers import LoanPaper
from service.loan_files.previewing import AuthorityPreview
from service.loan_files.queues import Queues
from service.proofs.decision import WholeDecision
from service.proofs.light import ProofLight
from service.proofs.replay import Replay
from service.reports.document import ReportDocument
from service.reports.papers import PaperList
from service.web.problems import Problem
from service.web.shapes.answers import ASSESSMENTS
from service.web.shapes.decisions import DECISIONS
from service.web.shapes.loan_files import LOAN_FILES
from service.web.shapes.part import RecordOut
from service.web.shapes.proofs import PROOFS
from service.web.shapes.reference import REFERENCE

ANSWERS: tuple[type[BaseModel], ...] = (*DECISIONS, *LOAN_FILES, *PROOFS, *REFERENCE)
STRUCTS: tuple[type[msgspec.Struct], ...] = (
    Problem, *ACCESS, *ASSESSMENTS, RecordOut, Catalogue, ListedVocabulary, EarlierAssessments, Resumption, Replay,
    ReportDocument, PaperList, Queues, AuthorityPreview, FileComment, FileComments, FileAttachment, FileAttachments,
    JobShown, JobsListed, JobRowShown, JobRowsListed, OrphansFound,
    ListsShown, ListShown, PushesListed, PushShown, PushedFirms, PushedFirm, GateLine, FeedbackShown, FirmLists,
    FirmOnList, TrialsListed, TrialAnswer, GradeFile, ModelGate, ModelValidation, SignedSizes,
    ListedDecision, ListedDecisions, WholeDecision, ProofLight, BankPerson, PeopleListed, DrawnLoan, DrawnLoans,
    DrawnPledge, LoanPaper,
)  # fmt: skip
"""Those that are declared where they are made."""
