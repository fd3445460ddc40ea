"""A process shut in: what runs here may crash, hang or eat memory, and nobody else notices.

Run as a program it shuts itself in and then becomes the worker that tries shaders. Only the standard library is
imported before that: a process with threads, which numerical libraries start, may not leave its network.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from visuals.rank import stand_apart

MOST_BYTES = 4 << 30
"""Memory a process may write to; address space says nothing, of which drivers reserve much more than they use."""
CPU_S = 60
"""Processor time a core for one piece of work, when even the parent that keeps the time is gone."""
NICE, APART = 10, 5
"""A show that plays meanwhile comes first; on a busy machine a session of more niceness would get no time at all."""
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h

KEPT = (
    *("HOME", "PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "CUDA_VISIBLE_DEVICES"),
    *("LC_", "PYTHON", "XDG_", "MESA_", "LIBGL_", "GALLIUM_", "LP_", "EGL_", "GLCONTEXT_", "__EGL_", "__GL", "__NV"),
    *("NVIDIA_", "DRI_", "VK_", "AMD_", "RADV_", "INTEL_"),
)
"""Beginnings of the environment's names that Python and graphics drivers go by."""
THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def environment(whole: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What such a process is told of its surroundings: no tokens, no agents, no proxies."""
    return {name: value for name, value in whole.items() if name.startswith(KEPT)} | THREADS


def confine() -> None:
    """Give up precedence, memory beyond a bound, dumps and, where the system lets us, the network.

    Half a stack: what a compiler's recursion survives here, the live process survives by a wide margin.
    """
    stand_apart(APART)
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (_at_most(resource.RLIMIT_DATA, MOST_BYTES),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stack, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if stack != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_STACK, (stack // 2, hard))
    if sys.platform == "linux":
        _leave_network()


def allow_work(seconds: int = CPU_S) -> None:
    """Let the processor time for one piece of work begin anew; what takes more of each core is ended by the system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime) + seconds * (os.cpu_count() or 1)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (_at_most(resource.RLIMIT_CPU, allowed), hard))


def _at_most(what: int, wanted: int) -> int:
    hard = resource.getrlimit(what)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _leave_network() -> None:
    """Into a network of its own, which has nothing in it; as whoever we are, in a user namespace of its own."""
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with suppress(OSError):
            Path("/proc/self", name).write_text(text)


def main() -> None:
    confine()
    from visuals.render.judging import worker

    worker.main()


if __name__ == "__main__":
    main()
