"""Recordings: transcoded to one form that every browser plays, AAC in MP4, and nothing beside the sound."""

from __future__ import annotations

import os
import re
import subprocess

import imageio_ffmpeg

from team.files.inspection.report import Refused, Report

SECONDS = 60
LONGEST = 3 * 3600
"""Seconds of sound."""

_PICTURE = re.compile(rb"Stream #\S+: Video: (?!.*attached pic)")
_TIME = re.compile(rb"out_time_us=(\d+)")


def inspect(content: bytes) -> Report:
    """The sound alone. ``Refused``: it is no recording of sound, or does not decode."""
    source, target = _in_memory(content), _in_memory(b"")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-y", "-progress", "pipe:1"]
    only_local = ["-protocol_whitelist", "file,pipe"]
    sound = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-t", str(LONGEST)]
    form = ["-ac", "2", "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", "-f", "mp4", f"/proc/self/fd/{target}"]
    try:
        done = subprocess.run(
            [*command, *only_local, "-i", f"/proc/self/fd/{source}", *sound, *form],
            capture_output=True,
            timeout=SECONDS,
            pass_fds=(source, target),
            check=False,
        )
        if _PICTURE.search(done.stderr):
            raise Refused("type")  # A film is not accepted, and its sound alone is not what was sent.
        times = _TIME.findall(done.stdout)
        if done.returncode or not times:
            raise Refused("damaged")
        kept = _content(target)
    except subprocess.TimeoutExpired:
        raise Refused("too_large") from None
    finally:
        os.close(source)
        os.close(target)
    return Report(type="audio/mp4", content=kept, seconds=max(1, round(int(times[-1]) / 1_000_000)))


def _in_memory(content: bytes) -> int:
    """A file that has a name for another program, and lies in memory alone."""
    handle = os.memfd_create("recording", 0)
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def _content(handle: int) -> bytes:
    os.lseek(handle, 0, os.SEEK_SET)
    with os.fdopen(os.dup(handle), "rb") as stored:
        return stored.read()
