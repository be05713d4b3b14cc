"""The commands about keys, checkpoints, packs, the fund's witness and replay: light to import, as `commands.py` is."""

from pathlib import Path
from typing import Annotated

import typer

from service.edge.key_reasons import RevocationReason
from service.edge.readers import Reader

keys = typer.Typer(no_args_is_help=True, help="Keys of the ledger: make, show, list, rotate, revoke.")
proofs = typer.Typer()
replays = typer.Typer()

Database = Annotated[str, typer.Option(help="URL of the database; else PLEDGESCORE_DATABASE.")]


IntoToken = Annotated[
    bool, typer.Option("--pkcs11", help="Make the signing key in the device of PLEDGESCORE_PKCS11_MODULE.")
]


@keys.command("init")
def init(pkcs11: IntoToken = False, database: Database = "") -> None:
    """Make the keys in the folder of PLEDGESCORE_KEYS.

    One signs the ledger, and its public part is entered; one protects the secrets in the database. Only you may read
    them. With --pkcs11 the one that signs is made in the device, or taken up where it lies there under its label.
    """
    from service.commands.proof_work import keys_init

    keys_init(database, pkcs11)


@keys.command("show")
def show() -> None:
    """Print the public key, and who may read the private one."""
    from service.commands.proof_work import keys_show

    keys_show()


@keys.command("list")
def listed(database: Database = "") -> None:
    """Print every signing key with its days, a line each.

    It is the file that the fund gives verify.py and witness.py as --bank-key.
    """
    from service.commands.proof_work import keys_list

    keys_list(database)


@keys.command("rotate")
def rotate(pkcs11: IntoToken = False, database: Database = "") -> None:
    """Exchange both keys for new ones.

    The old signing key signs the new one, both stand in an entry, and the old private key is removed. The new one is
    made where the old one lies; with --pkcs11 in the device. The old wrapping key is removed as well: backups from
    before can no longer be read.
    """
    from service.commands.proof_work import keys_rotate

    keys_rotate(database, pkcs11)


@keys.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(help="A signing key that was exchanged: PEM file or 64 hex digits.")],
    since: Annotated[
        str,
        typer.Option(
            "--from",
            help="From when on nothing counts that it signed. 2026-11-20 and 2026-11-20T08:00 are of the bank's zone "
            "(PLEDGESCORE_UTC_OFFSET_HOURS, else +08:00); 2026-11-20T00:00Z and 2026-11-20T08:00+08:00 name their own.",
        ),
    ],
    reason: Annotated[RevocationReason, typer.Option(help="Why.")],
    database: Database = "",
) -> None:
    """Say in an entry that a signing key no longer counts from a moment on.

    Exchange it first. The new key signs the entry, and a checkpoint that tells it is signed and delivered at once. No
    revocation is taken back; `keys list` prints the days of keys in UTC.
    """
    from service.commands.proof_work import keys_revoke

    keys_revoke(key, since, reason, database)


@proofs.command("checkpoint")
def checkpoint(database: Database = "") -> None:
    """Sign a checkpoint, keep it, deliver it and print it."""
    from service.commands.proof_work import sign_checkpoint

    sign_checkpoint(database)


@proofs.command("pack")
def pack(  # noqa: PLR0913, PLR0917  (one option for each thing that is asked)
    what: Annotated[
        str, typer.Argument(help="Id of a loan file or an assessment, a month (2026-11) or a day (2026-11-20).")
    ],
    reader: Annotated[Reader, typer.Option("--for", help="Who will read it.")] = "bank",
    out: Annotated[Path | None, typer.Option(help="File to write; else pack-WHAT-READER.zip.")] = None,
    since: Annotated[int, typer.Option(help="Size of a checkpoint that the reader holds.")] = 0,
    fund: Annotated[str, typer.Option(help="Which fund reads it, where policy knows several.")] = "",
    with_models: Annotated[
        bool, typer.Option("--with-models", help="Put models and policies into a month or day too.")
    ] = False,
    database: Database = "",
) -> None:
    """Write the proof of a loan file, a month or a day.

    The reader checks it with verify.py, which lies in the file, and need trust no server.
    """
    from service.commands.proof_work import PackOrder, write_pack

    file = out or Path(f"pack-{what}-{reader}.zip")
    write_pack(what, PackOrder(reader, since or None, fund or None, with_models), file, database)


@proofs.command("store")
def store(
    bundle: Annotated[list[Path] | None, typer.Option(help="Folder of a bundle; again for more.")] = None,
    policy: Annotated[
        list[Path] | None, typer.Option(help="Folder of policy files; again for one that overrides those before it.")
    ] = None,
    database: Database = "",
) -> None:
    """Keep bundles and policies of early answers.

    Answers given before the ledger kept bundles and policies by itself can then be replayed.
    """
    from service.commands.proof_work import store as keep

    keep(bundle or (), policy or (), database)


@proofs.command("rebuild")
def rebuild(
    remake: Annotated[bool, typer.Option("--remake", help="Correct what differs, instead of naming it.")] = False,
    database: Database = "",
) -> None:
    """Compare the tables with the entries that they follow from.

    Exit code 1 where they differ.
    """
    from service.commands.proof_work import rebuild_tables

    if not rebuild_tables(remake, database):
        raise typer.Exit(1)


@proofs.command("kinds")
def kinds(
    verifier: Annotated[bool, typer.Option("--verifier", help="As verify.py holds them.")] = False,
) -> None:
    """Print the table of kinds and leaves of docs/format.md."""
    from service.proofs.kind_table import kind_table, verifier_table

    typer.echo(verifier_table() if verifier else kind_table())


@proofs.command("close")
def close(
    month: Annotated[str, typer.Argument(help="A month that is over, such as 2026-11.")], database: Database = ""
) -> None:
    """Close a month: enter its anchor.

    A service that has a signing key does so by itself.
    """
    from service.commands.proof_work import close_segment

    close_segment(month, database)


@proofs.command("archive")
def archive(
    month: Annotated[str, typer.Argument(help="A month that is closed, such as 2026-11.")],
    to: Annotated[Path, typer.Option(help="Folder for the files of the months.")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove the entries from the database (its owner).")] = False,
    database: Database = "",
) -> None:
    """Write a month's entries to a file and check it."""
    from service.commands.proof_work import archive_segment

    archive_segment(month, to, remove, database)


@proofs.command("witness")
def witness(
    bank: Annotated[str, typer.Option(help="Address of the bank's service, or the folder where it puts checkpoints.")],
    bank_key: Annotated[
        list[str], typer.Option(help="The bank's public key: PEM file, 64 hex digits, or the file of `keys list`.")
    ],
    key: Annotated[Path, typer.Option(help="The fund's private key, a PEM file that only you may read.")],
    keep: Annotated[Path, typer.Option(help="Where checkpoints are kept for good.")] = Path("witnessed"),
    alarm_hours: Annotated[float, typer.Option(help="Age of the newest checkpoint that raises an alarm.")] = 26.0,
    token: Annotated[str, typer.Option(envvar="PLEDGESCORE_TOKEN", help="The fund's API key at the bank.")] = "",
) -> None:
    """Check and countersign a bank's newest checkpoint, for a fund.

    History must continue that of the checkpoint kept before; else the command says ALARM and signs nothing.

    service/offline/witness.py and verify.py do the same on a machine without this product.
    """
    from service.offline.witness import run

    code = run(bank, bank_key, key, keep, alarm_hours, token)
    if code:
        raise typer.Exit(code)


@replays.command("replay")
def replay(
    assessment: Annotated[str, typer.Argument(help="Id of an assessment; left out with --sample.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Say only what could not be replayed, and why.")] = False,
    sample: Annotated[int, typer.Option(help="Replay so many, drawn at random, and enter the result.", min=0)] = 0,
    database: Database = "",
) -> None:
    """Replay an assessment and compare it byte for byte.

    Then it is asked anew with what is known now, by today's model, and under today's policy; each difference is told.

    Exit code 1 where it does not give the stored answer byte for byte, or cannot be asked.
    """
    from service.commands.proof_work import AskedForNothing, replay_one, replay_sample

    if bool(assessment) == bool(sample):
        raise AskedForNothing("one_or_sample")
    if not (replay_sample(sample, database) if sample else replay_one(assessment, check, database)):
        raise typer.Exit(1)
