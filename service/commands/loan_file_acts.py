"""The commands of acts in a loan file, one each; light to import, as `commands.py` is."""

from pathlib import Path
from typing import Annotated

import typer

acts = typer.Typer()

Loan = Annotated[str, typer.Argument(metavar="FILE", help="Id of the loan file, as `file list` prints it.")]
Number = Annotated[int, typer.Argument(metavar="N", help="Its number, as `file show` prints it.", min=1)]
Amount = Annotated[str, typer.Option(help="With its unit: 300万元.")]
Months = Annotated[int, typer.Option(help="Term in months.", min=1)]
Rate = Annotated[float | None, typer.Option(help="Yearly rate as a share: 0.0385.")]
Seen = Annotated[str, typer.Option(help="First digits of what `file show` printed as seen: refused where more came.")]
Conditions = Annotated[
    list[str] | None, typer.Option("--condition", help="The bank's own, to be met before drawdown; again for more.")
]
Waives = Annotated[
    list[str] | None,
    typer.Option("--waive", help="RULE:REASON_CODE:DAY:MITIGATION, a finding that is set aside; again for more."),
]
Code = Annotated[str, typer.Option(help="A code of policy loan_file.reasons, such as papers_missing.")]
Reason = Annotated[str, typer.Option(help="Why, in words.")]
Day = Annotated[str, typer.Option("--on", help="The day, 2026-11-30; else today.")]
PaperFile = Annotated[Path | None, typer.Option("--paper", help="A file whose SHA-256 is recorded.")]
Meeting = Annotated[str, typer.Option(help="Number of the meeting.")]


@acts.command("submit")
def submit(  # noqa: PLR0913, PLR0917  (one option for each thing that is told)
    context: typer.Context,
    loan_file: Loan,
    second: Annotated[str, typer.Option("--with", help="The second investigator.")],
    amount: Amount,
    months: Months,
    rate: Rate = None,
    visit: Annotated[
        list[str] | None, typer.Option(help="A day on which both were at the firm; again for more.")
    ] = None,
    note: Annotated[str, typer.Option(help="What you say to it.")] = "",
    not_brought: Annotated[
        list[str] | None, typer.Option(help="WHAT=WHY, of what the file was returned for; again for more.")
    ] = None,
    reason_code: Annotated[str, typer.Option(help="Why better than advised; policy authority.reason_codes.")] = "",
    condition: Conditions = None,
    waive: Waives = None,
    seen: Seen = "",
) -> None:
    """Submit the application, as one of two investigators (调查).

    It rests on the newest assessment.
    """
    from service.commands.loan_file_work import submitted

    told = {"second": second, "rate": rate, "visits": visit or [], "note": note, "reason_code": reason_code}
    told |= {"not_brought": not_brought or []}
    submitted(context.obj, loan_file, seen, told, (amount, months, condition, waive))


@acts.command("review")
def review(  # noqa: PLR0913, PLR0917  (one option for each thing that is told)
    context: typer.Context,
    loan_file: Loan,
    opinion: Annotated[str, typer.Option(help="Your opinion.")],
    answer: Annotated[
        list[str] | None, typer.Option(help="RULE=TEXT, what makes up for an open finding; again for more.")
    ] = None,
    condition: Conditions = None,
    opposed: Annotated[bool, typer.Option("--opposed", help="You do not agree.")] = False,
    seen: Seen = "",
) -> None:
    """Give the reviewer's opinion (审查).

    Every finding that `file show` lists needs an answer.
    """
    from service.commands.loan_file_work import reviewed

    outcome = "opposed" if opposed else "agreed_with_conditions" if condition else "agreed"
    reviewed(context.obj, loan_file, seen, {"outcome": outcome, "opinion": opinion}, answer or [], condition)


@acts.command("vote")
def vote(
    context: typer.Context,
    loan_file: Loan,
    choice: Annotated[
        str, typer.Argument(metavar="VOTE", help="agree, agree_with_conditions, reconsider, reject or abstain.")
    ],
    meeting: Meeting,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    seen: Seen = "",
) -> None:
    """Vote in the committee (审议).

    Nobody sees it before the minutes close the vote.
    """
    from service.commands.loan_file_work import done

    done(context.obj, loan_file, "votes", {"meeting": meeting, "vote": choice, "reason": reason or None}, seen)


@acts.command("minutes")
def minutes(  # noqa: PLR0913, PLR0917  (one option for each thing that is told)
    context: typer.Context,
    loan_file: Loan,
    meeting: Meeting,
    chair: Annotated[str, typer.Option(help="Who chairs: no vote, but a veto.")],
    present: Annotated[list[str], typer.Option(help="A member who voted; again for each.")],
    amount: Amount,
    months: Months,
    rate: Rate = None,
    recused: Annotated[list[str] | None, typer.Option(help="NAME=REASON, a member who left; again for more.")] = None,
    vetoed: Annotated[bool, typer.Option("--vetoed", help="The chair vetoed it.")] = False,
    condition: Conditions = None,
    waive: Waives = None,
    paper: PaperFile = None,
    on: Day = "",
    seen: Seen = "",
) -> None:
    """Close the vote of the committee by its minutes (会议纪要)."""
    from service.commands.loan_file_work import minuted

    told = {"meeting": meeting, "chair": chair, "present": present, "vetoed": vetoed, "rate": rate}
    minuted(context.obj, loan_file, seen, told, (amount, months, condition, waive), recused or [], on, paper)


@acts.command("approve")
def approve(  # noqa: PLR0913, PLR0917  (one option for each thing that is told)
    context: typer.Context,
    loan_file: Loan,
    amount: Amount,
    months: Months,
    rate: Rate = None,
    reason: Annotated[str, typer.Option(help="Needed where it is better than advised.")] = "",
    reason_code: Annotated[str, typer.Option(help="The same; policy authority.reason_codes.")] = "",
    until: Annotated[str, typer.Option(help="Last day to draw; needed where it is better than advised.")] = "",
    condition: Conditions = None,
    waive: Waives = None,
    seen: Seen = "",
) -> None:
    """Approve, as far as your authority reaches (审批)."""
    from service.commands.loan_file_work import approved

    told = {"rate": rate, "reason": reason, "reason_code": reason_code, "expires_on": until}
    approved(context.obj, loan_file, seen, told, (amount, months, condition, waive))


@acts.command("decline")
def decline(context: typer.Context, loan_file: Loan, reason_code: Code, reason: Reason, seen: Seen = "") -> None:
    """Decline the application (否决)."""
    from service.commands.loan_file_work import done

    told = {"outcome": "declined", "reason_code": reason_code, "reason": reason}
    done(context.obj, loan_file, "approval", told, seen)


@acts.command("return")
def send_back(
    context: typer.Context,
    loan_file: Loan,
    reason_code: Code,
    reason: Reason,
    wanted: Annotated[list[str] | None, typer.Option(help="What is to be brought; again for more.")] = None,
) -> None:
    """Return the file to its officers (退回补件).

    With a new assessment it comes back to your step.
    """
    from service.commands.loan_file_work import done

    done(context.obj, loan_file, "return", {"reason_code": reason_code, "reason": reason, "wanted": wanted or []})


@acts.command("withdraw")
def withdraw(
    context: typer.Context,
    loan_file: Loan,
    reason_code: Code,
    by: Annotated[str, typer.Option(help="applicant or bank.")] = "applicant",
    reason: Annotated[str, typer.Option(help="Why, in words.")] = "",
) -> None:
    """Withdraw the application (撤回).

    Nothing was drawn yet.
    """
    from service.commands.loan_file_work import done

    done(context.obj, loan_file, "withdrawal", {"by": by, "reason_code": reason_code, "reason": reason or None})


@acts.command("condition")
def condition_done(  # noqa: PLR0913, PLR0917  (one option for each thing that is told)
    context: typer.Context,
    loan_file: Loan,
    n: Number,
    proof: Annotated[str, typer.Option(help="What shows it, in words.")],
    assessment: Annotated[
        str, typer.Option(help="For one of the advice: the newest assessment, in which its rule ran again.")
    ] = "",
    paper: PaperFile = None,
    on: Day = "",
) -> None:
    """Report a condition done (落实条件)."""
    from service.commands.loan_file_work import condition_reported

    condition_reported(context.obj, loan_file, n, {"proof": proof, "assessment": assessment or None}, on, paper)


@acts.command("confirm")
def confirm(
    context: typer.Context,
    loan_file: Loan,
    n: Number,
    proof: Annotated[str, typer.Option(help="What you looked at.")],
) -> None:
    """Confirm a condition as a second person (复核)."""
    from service.commands.loan_file_work import done

    done(context.obj, loan_file, f"conditions/{n}/confirmation", {"proof": proof})


@acts.command("release")
def release(  # noqa: PLR0913, PLR0917  (one option for each thing that is told)
    context: typer.Context,
    loan_file: Loan,
    amount: Amount,
    contract: Annotated[str, typer.Option(help="Number of the loan contract.")],
    standing: Annotated[
        list[str] | None,
        typer.Option(help="ITEM=PAPER, what stands before every drawdown (`file show` lists it); again for more."),
    ] = None,
    pledge: Annotated[
        list[str] | None,
        typer.Option(help="NUMBER:DAY:AMOUNT of a registered pledge, and :max up to a maximum; again for more."),
    ] = None,
    on: Annotated[str, typer.Option(help="Day since when these hold; else today.")] = "",
    seen: Seen = "",
) -> None:
    """Let an amount be paid out, as the drawdown desk (放款审核).

    The newest assessment must be at most seven days old; where it found anything worse, the file goes back instead.
    """
    from service.commands.loan_file_work import released

    released(context.obj, loan_file, seen, {"contract": contract}, amount, standing or [], pledge or [], on)


@acts.command("pay")
def pay(
    context: typer.Context,
    loan_file: Loan,
    amount: Amount,
    loan: Annotated[str, typer.Option(help="The bank's number of the loan (借据号).")],
    due: Annotated[str, typer.Option(help="Day on which it is due.")],
    on: Day = "",
) -> None:
    """Record that money was paid out (放款)."""
    from service.commands.loan_file_work import paid

    paid(context.obj, loan_file, {"loan": loan, "due_on": due}, amount, on)


@acts.command("check")
def check(
    context: typer.Context,
    loan_file: Loan,
    n: Number,
    found: Annotated[str, typer.Option(help="What was found.")],
    paper: PaperFile = None,
    on: Day = "",
) -> None:
    """Report that what was due is done (贷后检查)."""
    from service.commands.loan_file_work import checked

    checked(context.obj, loan_file, n, found, on, paper)


@acts.command("warn")
def warn(  # noqa: PLR0913, PLR0917  (one option for each thing that is told)
    context: typer.Context,
    loan_file: Loan,
    code: Annotated[str, typer.Option(help="What was found, as a code of the bank's.")],
    owner: Annotated[str, typer.Option(help="Who must look at it.")],
    due: Annotated[str, typer.Option(help="Until when.")],
    note: Annotated[str, typer.Option(help="In words.")],
    level: Annotated[str, typer.Option(help="low, middle or high.")] = "middle",
) -> None:
    """Raise a warning with a day and an owner (预警)."""
    from service.commands.loan_file_work import done

    told = {"code": code, "owner": owner, "due_on": due, "note": note, "level": level}
    done(context.obj, loan_file, "warnings", told)


@acts.command("settle")
def settle(
    context: typer.Context,
    loan_file: Loan,
    n: Number,
    note: Annotated[str, typer.Option(help="How it was settled.")],
) -> None:
    """Settle a warning (解除预警)."""
    from service.commands.loan_file_work import done

    done(context.obj, loan_file, f"warnings/{n}/closing", {"note": note})


@acts.command("paper")
def paper_beside(
    context: typer.Context,
    loan_file: Loan,
    path: Annotated[Path, typer.Argument(metavar="PAPER", help="The file; its SHA-256 alone is recorded.")],
    what: Annotated[str, typer.Option(help="Which document it is.")],
    dated: Annotated[str, typer.Option(help="Its day.")] = "",
    about: Annotated[str, typer.Option(help="The condition or step that it belongs to.")] = "",
) -> None:
    """Lay a paper beside the file, by its digest (资料)."""
    from service.commands.loan_file_work import laid_beside

    laid_beside(context.obj, loan_file, path, {"what": what, "dated_on": dated or None, "about": about or None})


@acts.command("close")
def close(
    context: typer.Context,
    loan_file: Loan,
    outcome: Annotated[
        str, typer.Option(help="repaid, renewed, guarantor_paid, insurer_paid, fund_paid, sold or written_off.")
    ] = "repaid",
    loss: Annotated[str, typer.Option(help="Lost for good, with its unit.")] = "0元",
    recovered: Annotated[str, typer.Option(help="What came back, with its unit.")] = "",
    on: Day = "",
) -> None:
    """Record how the loan ended (结清).

    Where money was lost, or the day lies more than thirty days back, a second person runs the same command to confirm.
    """
    from service.commands.loan_file_work import closed

    closed(context.obj, loan_file, outcome, loss, recovered, on)


@acts.command("reverse")
def reverse(
    context: typer.Context,
    loan_file: Loan,
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="Number of its entry, in `file show`.", min=1)],
    reason: Reason,
) -> None:
    """Reverse the last payment or closure (冲正).

    Somebody else recorded it, wrongly; both lines stay in the ledger. A payment needs the level of its approval.
    """
    from service.commands.loan_file_work import done

    done(context.obj, loan_file, "corrections", {"entry": entry, "reason": reason})
