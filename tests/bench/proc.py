"""What the kernel says of processes: who started them, and the CPU and memory they have had."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _fields(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def parent(process: int) -> int:
    """The process that started it."""
    return int(_fields(process)[1])


def tree(process: int) -> list[int]:
    """It, and all that it started and that still run."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [process, *(deeper for child in children for deeper in tree(int(child)))]


def cpu(process: int) -> float:
    """Seconds of CPU that it has had, with those of its children that have ended."""
    try:
        return sum(map(int, _fields(process)[11:15])) / TICKS
    except FileNotFoundError:
        return 0.0


def resident(process: int) -> int:
    """KiB of memory."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
