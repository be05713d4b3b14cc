"""Loan files: where each stands, and what belongs to it. What was done about assessments becomes their steps."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0009", "0008"


def upgrade() -> None:
    """Make the tables; what was done names its loan file, where it has one, and who did it."""
    op.drop_index("ix_acts_assessment", "acts")
    op.rename_table("acts", "loan_file_steps")
    op.create_index("ix_loan_file_steps_assessment", "loan_file_steps", ["assessment"])
    for name in ("file", "actor"):
        op.add_column("loan_file_steps", sa.Column(name, sa.String))
        op.execute(
            f"UPDATE loan_file_steps SET {name} = "
            f"(SELECT {name} FROM ledger_entries WHERE ledger_entries.seq = loan_file_steps.seq)"
        )
    op.create_index("ix_loan_file_steps_file", "loan_file_steps", ["file"])
    refused = sa.text("kind = 'refused'")
    op.create_index(
        "ix_loan_file_steps_refused", "loan_file_steps", ["actor", "at"], sqlite_where=refused, postgresql_where=refused
    )
    for table, columns in _tables().items():
        op.create_table(table, *columns)
    for table, column in (
        ("loan_files", "firm"),
        ("loan_files", "state"),
        ("loan_files", "lead"),
        ("loan_files", "due_on"),
        ("loan_files", "seq"),
        ("loan_duties", "account"),
        ("loan_documents", "hash"),
        ("loan_tasks", "due_on"),
        ("loan_tasks", "owner"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_loan_files_list", "loan_files", ["bank", "state", "seq"])
    op.create_index("ix_loan_files_latest", "loan_files", ["bank", "seq"])
    _one_live("loan_drawdowns", "loan", "checked")
    _one_live("loan_pledges", "registration", "live AND NOT maximum")


def downgrade() -> None:
    """Remove them."""
    for table in reversed(_tables()):
        op.drop_table(table)
    op.drop_index("ix_loan_file_steps_refused", "loan_file_steps")
    op.drop_index("ix_loan_file_steps_file", "loan_file_steps")
    op.drop_index("ix_loan_file_steps_assessment", "loan_file_steps")
    with op.batch_alter_table("loan_file_steps") as changed:
        for name in ("file", "actor"):
            changed.drop_column(name)
    op.rename_table("loan_file_steps", "acts")
    op.create_index("ix_acts_assessment", "acts", ["assessment"])


def _one_live(table: str, column: str, when: str) -> None:
    where = sa.text(when)
    op.create_index(f"ux_{table}_{column}", table, [column], unique=True, sqlite_where=where, postgresql_where=where)


Kind = type[sa.String] | type[sa.Integer] | type[sa.BigInteger] | type[sa.Boolean] | type[sa.LargeBinary]


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, primary_key=True)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def _columns(kind: Kind, names: str, *, nullable: bool) -> list[sa.schema.SchemaItem]:
    return [sa.Column(name, kind, nullable=nullable) for name in names.split()]


def _tables() -> dict[str, list[sa.schema.SchemaItem]]:
    text, number, flag = sa.String, sa.Integer, sa.Boolean
    return {
        "loan_files": [
            _key("id"),
            *_columns(text, "firm assessment newest state waives head at", nullable=False),
            *_columns(
                text,
                "bank branch application advice binding back_to lead rate stands expires_on contract due_on",
                nullable=True,
            ),
            *_columns(number, "turn round level signatures seq", nullable=False),
            *_columns(sa.BigInteger, "released drawn", nullable=False),
            *_columns(sa.BigInteger, "asked advised amount cap", nullable=True),
            *_columns(number, "advised_months term_months cap_months", nullable=True),
            *_columns(flag, "provisional", nullable=False),
            *_columns(sa.LargeBinary, "legal_name", nullable=True),
        ],
        "loan_duties": [*map(_key, ("file", "duty", "account")), *_columns(number, "seq", nullable=False)],
        "loan_conditions": [
            _key("file"),
            _number("n"),
            *_columns(text, "text due state", nullable=False),
            *_columns(text, "rule done_by done_on checked_by proof document rerun", nullable=True),
        ],
        "loan_votes": [
            _key("file"),
            _number("round"),
            _key("member"),
            *_columns(text, "vote seal", nullable=False),
            *_columns(text, "reason", nullable=True),
            *_columns(number, "seq", nullable=False),
        ],
        "loan_documents": [
            _key("file"),
            _number("seq"),
            *_columns(text, "hash what", nullable=False),
            *_columns(text, "dated_on about", nullable=True),
        ],
        "loan_drawdowns": [
            _key("file"),
            _number("n"),
            *_columns(text, "loan", nullable=True),
            *_columns(sa.BigInteger, "amount", nullable=False),
            *_columns(text, "drawn_on due_on", nullable=False),
            *_columns(flag, "checked", nullable=False),
            *_columns(number, "seq", nullable=False),
        ],
        "loan_pledges": [
            _key("file"),
            _key("registration"),
            *_columns(text, "registered_on", nullable=False),
            *_columns(sa.BigInteger, "amount", nullable=True),
            *_columns(flag, "maximum live", nullable=False),
        ],
        "loan_tasks": [
            _key("file"),
            _number("n"),
            *_columns(text, "what due_on owner", nullable=False),
            *_columns(text, "subject level closed_on closed_by", nullable=True),
            *_columns(number, "raised_seq", nullable=False),
            *_columns(number, "closed_seq", nullable=True),
            *_columns(flag, "provisional", nullable=False),
        ],
    }
