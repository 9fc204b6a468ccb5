"""What processes use."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from benchmarks.realtime.processes import cpu_seconds, memory_bytes, pss_in, with_children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="as Linux tells it")
CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"


def test_the_cpu_of_a_process_is_what_it_says_itself() -> None:
    before = time.process_time()
    assert before <= cpu_seconds([os.getpid()]) <= time.process_time()


def test_children_of_children_belong_to_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    family = with_children(parent.pid)
    parent.communicate(b"\n")
    assert family[0] == parent.pid and len(family) == 2


def test_memory_is_counted_in_bytes() -> None:
    assert (
        pss_in("55c6faff9000-7ffdcac59000 ---p 00000000 00:00 0 [rollup]\nRss:  7020 kB\nPss:  5100 kB\n")
        == 5100 * 1024
    )
    assert memory_bytes([os.getpid()]) > 10 * 1024 * 1024
