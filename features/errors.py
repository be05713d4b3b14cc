"""The one base class of errors that a person is meant to read: printed without a traceback by the command line."""


class PledgeScoreError(Exception):
    """What went wrong, as a message that also says what to do next.

    Raise a subclass where a caller must tell one failure from another. Everything else that escapes is a defect of
    ours and keeps its traceback.
    """
