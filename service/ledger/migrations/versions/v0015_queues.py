"""Queues of loan files and warnings that are open are counted from indexes."""

from alembic import op

revision, down_revision = "0015", "0014"

_LIST = ["bank", "state", "seq"]
_COUNTED = ["branch", "due_on", "provisional"]


def upgrade() -> None:
    """Make the index hold what is counted."""
    op.drop_index("ix_loan_files_list", "loan_files")
    op.create_index("ix_loan_files_list", "loan_files", [*_LIST, *_COUNTED])
    op.create_index("ix_loan_tasks_open", "loan_tasks", ["what", "closed_seq", "due_on"])


def downgrade() -> None:
    """Make it as it was."""
    op.drop_index("ix_loan_tasks_open", "loan_tasks")
    op.drop_index("ix_loan_files_list", "loan_files")
    op.create_index("ix_loan_files_list", "loan_files", _LIST)
