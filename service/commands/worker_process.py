"""What the supervisor starts: light to import, so that the supervisor need not load what its workers load."""

import signal
import socket
import sys
from multiprocessing.connection import Connection
from types import FrameType

from features.chosen_words import choose
from features.errors import PledgeScoreError
from models.words.output import complain
from service.commands.supervisor import READY, end_with
from service.edge.process import Worker, loading
from service.edge.settings import Settings


def work(settings: Settings, workers: int, number: int, listening: socket.socket, pipe: "Connection[str, str]") -> None:
    """Answer as one process of several; it ends with the one that minds it. Exit code 1 where it cannot begin."""
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells the supervisor too, which then says so in its turn
    end_with(pipe)
    with loading():
        from service.commands.worker import serve

    try:
        serve(settings, Worker(number, workers), listening, lambda: pipe.send(READY))
    except PledgeScoreError as error:
        choose()
        complain(error)
        sys.exit(1)


def leave(_number: int, _frame: FrameType | None) -> None:
    """End well: before there is an application, and after it was closed, when its server raises the signal anew."""
    sys.exit(0)
