"""The papers of a drawn loan, made up: contract, notice of registration, statement of payment, each a page of PDF.

Every page says in its first line that it is synthetic. The font is one that readers of PDF have for Chinese, so none is
packed into a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from service.demonstration.conduct import told_as
from service.desk.formats import yuan
from service.loan_files.attachments import NewAttachment
from service.loan_files.drawdown_papers import PaperKind
from service.loan_files.record import LoanFile

HEAD = ("合成数据 SYNTHETIC DATA", "演示用虚构文件，不具任何效力 made up for a demonstration, without any effect")
_TITLES: dict[PaperKind, str] = {
    "contract": "专利权质押借款合同 Loan contract secured by patents",
    "registration": "专利权质押登记通知书 Notice of registration of a pledge of patents",
    "payment": "贷款支付凭证 Statement of payment",
}


@dataclass(frozen=True)
class PaperNumbers:
    """The numbers that a loan's papers tell; amount in fen. `loan`: none before money was paid."""

    contract: str
    registration: str
    amount: int
    loan: str | None = None


@dataclass(frozen=True)
class MadePaper:
    """A paper as it is kept beside a file, and what is told of it."""

    told: NewAttachment
    content: bytes


def made_paper(kind: PaperKind, file: LoanFile, numbers: PaperNumbers, day: date) -> MadePaper:
    """The paper of a kind, of a day."""
    title = _TITLES[kind]
    lines = [
        *HEAD,
        title,
        f"卷宗 loan file: {file.id}",
        f"合同编号 contract: {numbers.contract}",
        f"质押登记编号 registration: {numbers.registration}",
        *([] if numbers.loan is None else [f"借据编号 loan: {numbers.loan}"]),
        f"贷款人（质权人） lender, pledgee: {file.bank}",
        f"借款人（出质人） borrower, pledgor: {file.legal_name or file.firm}",
        f"金额 amount: {yuan(numbers.amount)} 元 CNY",
        f"日期 day: {day.isoformat()}",
    ]
    chinese = title.partition(" ")[0]
    about = numbers.loan if kind == "payment" else kind
    told = told_as(NewAttachment, name=f"{chinese}.pdf", audience="fund", what=chinese, dated_on=day, about=about)
    return MadePaper(told, page(lines))


def page(lines: Sequence[str]) -> bytes:
    """A PDF of one page with these lines."""
    shown = "".join(f"<{line.encode('utf-16-be').hex()}> Tj T*\n" for line in lines)
    text = f"BT /F1 11 Tf 20 TL 50 780 Td\n{shown}ET".encode()
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 7 0 R/Resources<</Font<</F1 4 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[5 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/FontDescriptor 6 0 R"
        b"/DW 1000/W[1 95 500]/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
        b"<</Length %d>>\nstream\n%b\nendstream" % (len(text), text),
    )
    out, places = b"%PDF-1.5\n", list[int]()
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(parts) + 1
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer
