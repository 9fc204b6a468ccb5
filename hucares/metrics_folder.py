"""Where several processes of one server put what they count, so that any of them can tell the sum.

prometheus_client keeps a file per process and kind of figure in the folder that `VARIABLE` names. It looks there once,
when it is first imported; so nothing here imports it before the folder is made.
"""

from __future__ import annotations

import os
import shutil
import tempfile

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def make_folder() -> None:
    """Make a new folder for the processes that are started from now on. Raises `OSError`.

    It is below the system's folder for temporary files: kept in memory at best, and of no use to anybody later.
    """
    os.environ[VARIABLE] = tempfile.mkdtemp(prefix="hucares-metrics-")


def remove_folder() -> None:
    """Remove the folder, if there is one; who still counts does so unseen."""
    folder = os.environ.pop(VARIABLE, None)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def forget_process(pid: int) -> None:
    """Count a process that is gone no more in what is so now, as open sockets are; what it has counted stays."""
    folder = os.environ.get(VARIABLE)
    if folder is not None:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
