"""The commands that ask for assessments and read the ledger; light to import, as `training/commands/root.py` is."""

from pathlib import Path
from typing import Annotated

import typer

from service.commands.access import apikeys, users
from service.commands.database import backup, copy, database, restore
from service.commands.loan_files import file as loan_files
from service.commands.policy import policy
from service.commands.proofs import keys, proofs, replays
from service.commands.workbooks import workbook

app = typer.Typer()
ledger = typer.Typer(no_args_is_help=True, help="Verify, prove, back up and archive the ledger.")
app.add_typer(ledger, name="ledger")
app.add_typer(database, name="database")
app.add_typer(policy, name="policy")
app.add_typer(workbook, name="workbook")
app.add_typer(loan_files, name="file")
app.add_typer(keys, name="keys")
app.add_typer(replays)
ledger.add_typer(proofs)
for command in (copy, backup, restore):
    ledger.command()(command)
app.add_typer(users, name="users")
app.add_typer(apikeys, name="apikeys")


@app.command()
def score(
    file: Annotated[Path, typer.Argument(help="FILE.json, .jsonl, .csv or .xlsx; - reads JSON from standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON lines.")] = False,
    key: Annotated[
        str | None,
        typer.Option(help="Under the same key each place of the file is recorded once."),
    ] = None,
) -> None:
    """Assess the applicants of a file, record each answer, and print it.

    A JSON file holds one question as POST /v1/assessments takes it, or a list of them; a .jsonl file one a line; a CSV
    file names applicants to be looked up in the lake, with the columns firm, as_of and, if wanted, kind, case,
    application, bank, branch; a workbook (.xlsx, .xls, .ods, or a folder of CSV files) is the template of
    `pledgescore workbook new`, filled. Exit code 1 where one was refused.
    """
    from service.commands.scoring import score_file

    refused = score_file(file, as_json, key)
    if refused:
        raise typer.Exit(1)


@app.command()
def backtest(
    file: Annotated[Path, typer.Argument(help="Old files in a workbook of `pledgescore workbook new`.")],
    out: Annotated[Path | None, typer.Option(help="A .csv file for the table.")] = None,
) -> None:
    """Show what would have been advised about old files, each by what was known on its own day.

    A row counts from the day on which it could be known; what was known later is not read. The sheet of outcomes, or
    the months of the loan, say how a file came out. Nothing is recorded. Exit code 1 where one could not be assessed.
    """
    from service.commands.backtest import backtest_workbook

    if backtest_workbook(file, out):
        raise typer.Exit(1)


@app.command()
def report(
    assessment: Annotated[str, typer.Argument(help="Id of the assessment.")],
    out: Annotated[
        Path, typer.Argument(help="The file to be written: .html for print, .docx for Word, .json as data.")
    ],
    full: Annotated[bool, typer.Option("--full", help="The report in full; else the one page.")] = False,
    service: Annotated[
        str, typer.Option(envvar="PLEDGESCORE_SERVICE", help="Address of a service to be asked; else the own ledger.")
    ] = "",
    person: Annotated[
        str, typer.Option("--as", envvar="PLEDGESCORE_AS", help="With --service: who asks, as in `file sign-in`.")
    ] = "",
) -> None:
    """Write the credit report about an assessment, in the language of --words: the branch head's page, or the whole.

    It is made from what was recorded, and says what people did about it since. The ledger is PLEDGESCORE_DATABASE.
    """
    from service.commands.report_files import report_written

    report_written(assessment, out, "full" if full else "one_page", (service, person))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    without_sign_in: Annotated[
        bool,
        typer.Option("--without-sign-in", help="A demonstration: open to whoever uses this machine, and to no other."),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(help="Processes that answer; else one on SQLite, and elsewhere the cores up to four.", min=1),
    ] = None,
) -> None:
    """Answer over HTTP: POST /v1/assessments, and /docs for the rest.

    What is served and where it is recorded is set by environment variables: PLEDGESCORE_BUNDLE (bundle folders; without
    it the champions of MLFLOW_TRACKING_URI), PLEDGESCORE_DATABASE, PLEDGESCORE_LAKE, PLEDGESCORE_POLICY_DIR. People
    sign in by accounts (pledgescore users) or a provider (PLEDGESCORE_OIDC_ISSUER), machines by keys (pledgescore
    apikeys).
    """
    from service.commands.serving import serve_on

    raise typer.Exit(serve_on(host, port, without_sign_in, workers))


@ledger.command("verify")
def verify(
    database: Annotated[str, typer.Option(help="URL of the database; else PLEDGESCORE_DATABASE.")] = "",
    checkpoint: Annotated[list[Path] | None, typer.Option(help="A checkpoint kept elsewhere; again for more.")] = None,
    bank_key: Annotated[
        list[str] | None,
        typer.Option(help="Whose signature counts: PEM file, 64 hex digits, or the file of `keys list` (all keys)."),
    ] = None,
    archive: Annotated[Path | None, typer.Option(help="Folder of the months that were moved to files.")] = None,
) -> None:
    """Verify every entry, what was signed about them, and the tables that follow from them.

    Exit code 1 names the first entry that is bad, or each row that does not follow.
    """
    from service.commands.ledger_verification import verify_ledger

    if not verify_ledger(database, checkpoint or (), bank_key or (), archive):
        raise typer.Exit(1)
