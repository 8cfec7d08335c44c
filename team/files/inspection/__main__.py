"""Inspects what stands on the input, and writes the report to the output."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable

import msgspec

MEMORY = 3 * 1024**3
PROCESSOR_SECONDS = 90
LARGEST_WRITTEN = 300_000_000
"""Of files in memory: this process has no right to any other."""


def bound_this_process() -> None:
    """From here on this process can do little, whatever it reads."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_WRITTEN, LARGEST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    bound_this_process()
    from team.files.inspection import documents, images, recordings
    from team.files.inspection.report import Refused, Report
    from team.files.inspection.signatures import kind_of

    inspectors: dict[str, Callable[[bytes], Report]] = {
        "pdf": documents.inspect_pdf,
        "docx": documents.inspect_docx,
        "ole": documents.inspect_ole,
        "image": images.inspect,
        "audio": recordings.inspect,
        "dicom": lambda content: Report(type="application/dicom"),
    }
    content = sys.stdin.buffer.read()
    try:
        inspector = inspectors.get(kind_of(content))
        report = inspector(content) if inspector else Report(refusal="type")
    except Refused as refused:
        report = Report(refusal=refused.why)
    except MemoryError:
        report = Report(refusal="too_large")
    sys.stdout.buffer.write(msgspec.msgpack.encode(report))


if __name__ == "__main__":
    main()
