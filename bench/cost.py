"""Run one command to its end and say what its processes cost: the small parent of what the bench measures.

Linux counts a process's peak memory from the fork, its parent's pages included, so the bench, which holds more than the
scanners it measures, cannot fork them itself. As the subreaper of its descendants this parent also waits for those
whose own parent has gone; so the kernel's figures for "children" are those of the whole tree.

usage: python -I -S cost.py DESCRIPTOR COMMAND…     writes "CPU-seconds peak-KiB wall-seconds status" to DESCRIPTOR
"""

import ctypes
import os
import resource
import sys
import time

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def main() -> None:
    """See the module."""
    descriptor, *words = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started = time.monotonic()
    child = os.posix_spawnp(words[0], words, os.environ)
    _, status = os.waitpid(child, 0)
    wall = time.monotonic() - started
    try:
        while True:
            os.wait()
    except ChildProcessError:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
    line = f"{used.ru_utime + used.ru_stime} {used.ru_maxrss} {wall} {os.waitstatus_to_exitcode(status)}"
    os.write(int(descriptor), line.encode())


if __name__ == "__main__":
    main()
