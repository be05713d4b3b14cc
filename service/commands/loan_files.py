"""The commands about loan files: light to import, as `commands.py` is. Each asks a running service.

The group's own options name the service and who acts: `pledgescore file --as wang list`.
"""

from pathlib import Path
from typing import Annotated

import typer

from service.commands.loan_file_acts import acts

file = typer.Typer(no_args_is_help=True)
file.add_typer(acts)

Loan = Annotated[str, typer.Argument(metavar="FILE", help="Id of the loan file, as `file list` prints it.")]


@file.callback()
def chosen(
    context: typer.Context,
    person: Annotated[
        str,
        typer.Option(
            "--as",
            envvar="PLEDGESCORE_AS",
            help="Who acts: an account that signed in by `file sign-in`; where nobody signs in, a name.",
        ),
    ] = "",
    service: Annotated[
        str, typer.Option(envvar="PLEDGESCORE_SERVICE", help="Address of the service.")
    ] = "http://127.0.0.1:8000",
) -> None:
    """Lead a loan from an assessment to its end.

    Each command asks a running service. The usual way: open, submit, review, approve; condition and confirm where there
    are conditions; release, pay, check, close. The committee votes, and minutes close the vote, where the amount asks
    for it; return and withdraw end a round. `file show` tells what a file waits for, until when, and what must be told.

    Amounts are written with their unit: 300万元, 1234.56元. Every act is recorded in the ledger under the name of
    whoever acts. Nobody does two of investigating, reviewing, voting, approving and releasing in one file. With
    PLEDGESCORE_TOKEN a key acts where it may. Exit code 1 where the service refuses.
    """
    context.obj = service, person


@file.command("sign-in")
def sign_in(
    context: typer.Context,
    new_password: Annotated[bool, typer.Option("--new-password", help="Set another password with it.")] = False,
) -> None:
    """Sign in the account of --as.

    Asks for the password and the one-time code. The session lies in a file that only you may read, and ends by itself.
    """
    from service.commands.loan_file_work import signed_in

    signed_in(context.obj, new_password)


@file.command("sign-out")
def sign_out(context: typer.Context) -> None:
    """End the session of --as."""
    from service.commands.loan_file_work import signed_out

    signed_out(context.obj)


@file.command("list")
def list_files(  # noqa: PLR0913, PLR0917  (one option for each filter)
    context: typer.Context,
    state: Annotated[
        list[str] | None,
        typer.Option(help="draft, to_review, to_committee, to_approve, to_fulfil, to_draw, drawn, …; again for more."),
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those that I lead.")] = False,
    firm: Annotated[str, typer.Option(help="Code of the firm.")] = "",
    due_before: Annotated[str, typer.Option(help="Due on that day (2026-11-30) or before.")] = "",
    advice: Annotated[str, typer.Option(help="recommend, refer or advise_against.")] = "",
    text: Annotated[
        str, typer.Option(help="In the firm's name or code, the application or the id; no other filter.")
    ] = "",
    order: Annotated[str, typer.Option(help="latest: the last moved first; due: the earliest due first.")] = "latest",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=500)] = 50,
    cursor: Annotated[int | None, typer.Option(help="Go on behind the page that printed it.")] = None,
) -> None:
    """List loan files.

    State, due day, firm, advice, amounts asked and advised, what binds, and who leads.
    """
    from service.commands.loan_file_work import listed

    asked = {"state": state, "mine": mine, "firm": firm, "due_before": due_before, "advice": advice, "text": text}
    listed(context.obj, {**asked, "order": order, "limit": limit, "cursor": cursor})


@file.command("show")
def show(context: typer.Context, loan_file: Loan) -> None:
    """Show a loan file.

    Where it stands, what whoever acts next must answer, conditions, payments, what is due, and all steps.
    """
    from service.commands.loan_file_work import shown

    shown(context.obj, loan_file)


@file.command("due")
def due(
    context: typer.Context,
    until: Annotated[str, typer.Option(help="Due on that day (2026-11-30) or before; else today.")] = "",
    mine: Annotated[bool, typer.Option("--mine", help="Only what I must do.")] = False,
) -> None:
    """List what is due after loans were paid out."""
    from service.commands.loan_file_work import due_items

    due_items(context.obj, until, mine)


@file.command("drawn")
def drawn(  # noqa: PLR0913, PLR0917  (one option for each filter)
    context: typer.Context,
    month: Annotated[str, typer.Option(help="In which they were drawn: 2026-11.")] = "",
    branch: Annotated[str, typer.Option(help="Name of the branch.")] = "",
    state: Annotated[str, typer.Option(help="outstanding, closed or erased.")] = "",
    text: Annotated[str, typer.Option(help="In the firm's name or code, or a number of the loan.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=500)] = 50,
    cursor: Annotated[int | None, typer.Option(help="Go on behind the page that printed it.")] = None,
) -> None:
    """List drawn loans: numbers, entries, where each stands, and the SHA-256 of its papers."""
    from service.commands.loan_file_work import drawn_loans

    asked = {"month": month, "branch": branch, "state": state, "text": text}
    drawn_loans(context.obj, {**asked, "limit": limit, "cursor": cursor})


@file.command("open")
def open_file(
    context: typer.Context,
    question: Annotated[Path, typer.Argument(metavar="QUESTION.json", help="As POST /v1/assessments takes it.")],
) -> None:
    """Ask for an assessment, which opens the loan file.

    Of an application that has a file it is the newest. The question's as_of must be today; what is asked about another
    day decides nothing.
    """
    from service.commands.loan_file_work import opened

    opened(context.obj, question)


@file.command("hand-over")
def hand_over(
    context: typer.Context,
    before: Annotated[str, typer.Option("--from", help="Who has them.")],
    after: Annotated[str, typer.Option("--to", help="Who gets them.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    files: Annotated[list[str] | None, typer.Option("--file", help="Only this one; again for more.")] = None,
) -> None:
    """Hand open files over to another officer.

    All of them, or those that are named.
    """
    from service.commands.loan_file_work import handed_over

    handed_over(context.obj, {"from": before, "to": after, "reason": reason, "files": files})
