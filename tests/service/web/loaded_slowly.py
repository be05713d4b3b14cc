"""Takes long to be loaded: until a file is there, or there is nobody left to wait for."""

import os
import time
from pathlib import Path

from tests.service.web.works import AHEAD

_folder, _parent = Path(os.environ[AHEAD]), os.getppid()
(_folder / "loading").touch()
while not (_folder / "go").exists() and os.getppid() == _parent:
    time.sleep(0.01)
