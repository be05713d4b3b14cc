"""The commands about keys, checkpoints, packs, the fund's witness and replay: light to import, as `commands.py` is."""

from pathlib import Path
from typing import Annotated

import typer

from service.edge.readers import Reader

keys = typer.Typer(no_args_is_help=True, help="The key that signs the ledger: make, show, exchange.")
proofs = typer.Typer()
replays = typer.Typer()

Database = Annotated[str, typer.Option(help="URL of the database; else PLEDGESCORE_DATABASE.")]


@keys.command("init")
def init(database: Database = "") -> None:
    """Make the signing key in the folder of PLEDGESCORE_KEYS, readable by you alone, and enter its public part."""
    from service.commands.proof_work import keys_init

    keys_init(database)


@keys.command("show")
def show() -> None:
    """Print the public key, where the private one lies, and who may read it."""
    from service.commands.proof_work import keys_show

    keys_show()


@keys.command("rotate")
def rotate(database: Database = "") -> None:
    """Exchange the key: the old one signs the new, both stand in an entry, the old private key is removed."""
    from service.commands.proof_work import keys_rotate

    keys_rotate(database)


@proofs.command("checkpoint")
def checkpoint(database: Database = "") -> None:
    """Sign the ledger as it stands, keep that, and bring it to its destinations; prints it."""
    from service.commands.proof_work import sign_checkpoint

    sign_checkpoint(database)


@proofs.command("pack")
def pack(
    what: Annotated[str, typer.Argument(help="Id of an assessment, a month (2026-11) or a day (2026-11-20)")],
    reader: Annotated[Reader, typer.Option("--for", help="Who will read it")] = "bank",
    out: Annotated[Path | None, typer.Option(help="File to write; else pack-WHAT-READER.zip")] = None,
    since: Annotated[int, typer.Option(help="Size of a checkpoint that the reader holds")] = 0,
    database: Database = "",
) -> None:
    """Write what proves an assessment, or a month, to a reader who trusts no server."""
    from service.commands.proof_work import write_pack

    write_pack(what, reader, out or Path(f"pack-{what}-{reader}.zip"), since or None, database)


@proofs.command("store")
def store(
    bundle: Annotated[list[Path] | None, typer.Option(help="Folder of a bundle; again for more")] = None,
    policy: Annotated[
        list[Path] | None, typer.Option(help="Folder of policy files; again for one that overrides those before it")
    ] = None,
    database: Database = "",
) -> None:
    """Keep what answered before bundles and policies were kept by themselves, so that it can be replayed."""
    from service.commands.proof_work import store as keep

    keep(bundle or (), policy or (), database)


@proofs.command("rebuild")
def rebuild(
    remake: Annotated[bool, typer.Option("--remake", help="Put right what differs, instead of naming it.")] = False,
    database: Database = "",
) -> None:
    """Hold the tables that entries are found by against the entries themselves; exit code 1 where they differ."""
    from service.commands.proof_work import rebuild_tables

    if not rebuild_tables(remake, database):
        raise typer.Exit(1)


@proofs.command("kinds")
def kinds() -> None:
    """Print the table of kinds and leaves that stands in docs/format.md."""
    from service.proofs.kind_table import kind_table

    typer.echo(kind_table())


@proofs.command("close")
def close(month: Annotated[str, typer.Argument(help="A month that is over, 2026-11")], database: Database = "") -> None:
    """Enter the anchor of a month; a service that has a key does so by itself."""
    from service.commands.proof_work import close_segment

    close_segment(month, database)


@proofs.command("archive")
def archive(
    month: Annotated[str, typer.Argument(help="A month that is closed, 2026-11")],
    to: Annotated[Path, typer.Option(help="Folder of the files of segments")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove the entries from the database (its owner).")] = False,
    database: Database = "",
) -> None:
    """Write a month's entries to a file and check it; with --remove, take them out of the database."""
    from service.commands.proof_work import archive_segment

    archive_segment(month, to, remove, database)


@proofs.command("witness")
def witness(
    bank: Annotated[str, typer.Option(help="Address of the bank's service, or the folder it lays checkpoints in")],
    bank_key: Annotated[list[str], typer.Option(help="The bank's public key: PEM file or 64 hex digits")],
    key: Annotated[Path, typer.Option(help="The fund's private key, a PEM file that only you may read")],
    keep: Annotated[Path, typer.Option(help="Where checkpoints are kept for good")] = Path("witnessed"),
    alarm_hours: Annotated[float, typer.Option(help="Age of the bank's newest checkpoint that raises an alarm")] = 26.0,
    token: Annotated[str, typer.Option(envvar="PLEDGESCORE_TOKEN", help="The fund's API key at the bank")] = "",
) -> None:
    """For the fund: fetch the newest checkpoint, check that history only went on, countersign, keep; else ALARM.

    service/offline/witness.py and verify.py do the same on a machine without this product.
    """
    from service.offline.witness import run

    code = run(bank, bank_key, key, keep, alarm_hours, token)
    if code:
        raise typer.Exit(code)


@replays.command("replay")
def replay(
    assessment: Annotated[str, typer.Argument(help="Id of an assessment; left out with --sample")] = "",
    check: Annotated[bool, typer.Option("--check", help="Say only what could not be replayed, and why.")] = False,
    sample: Annotated[int, typer.Option(help="Replay so many, drawn at random, and enter the result.", min=0)] = 0,
    database: Database = "",
) -> None:
    """Ask an assessment again: byte for byte, then as known now, by today's model, under today's policy.

    Exit code 1 where it does not give the stored answer byte for byte, or cannot be asked.
    """
    from service.commands.proof_work import AskedForNothing, replay_one, replay_sample

    if bool(assessment) == bool(sample):
        raise AskedForNothing("one_or_sample")
    if not (replay_sample(sample, database) if sample else replay_one(assessment, check, database)):
        raise typer.Exit(1)
