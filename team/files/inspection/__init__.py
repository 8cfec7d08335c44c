"""What a file is, and what of it may be kept: decoded in a process of its own that can do no harm.

Pictures, documents and recordings are read by large libraries written in C, and whoever sends a file chooses what they
read. So they run in a process that has no secrets in its environment, no connection, bounded memory and time, and
cannot write a byte to disk: ``python -m team.files.inspection``. It reads the content from its input, and writes a
``Report``. A process that dies has met a file that is ``damaged``.
"""
