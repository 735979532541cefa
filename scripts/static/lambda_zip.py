"""Writes a zip with one file, `bootstrap`: the same bytes each time for the same file.

usage: lambda_zip.py FILE ZIP

An ordinary deflated entry with mode 0755, the earliest time a zip can hold, and no extra fields.
"""

import pathlib
import struct
import subprocess
import sys
import zlib

NAME = b"bootstrap"
MODE = 0o100755
EARLIEST_DATE = 1 << 5 | 1  # 1980-01-01, at 0 o'clock
UNIX = 3


def deflated(path: str) -> bytes:
    """The file as raw deflate: what gzip holds between 10 bytes of header and 8 of trailer."""
    gzip = subprocess.run(
        ["libdeflate-gzip", "-12", "-n", "-c", path], check=True, capture_output=True
    ).stdout
    if gzip[3] != 0:
        raise SystemExit("lambda_zip.py: libdeflate-gzip wrote optional fields")
    return gzip[10:-8]


def main() -> None:
    source, target = sys.argv[1:]
    content = pathlib.Path(source).read_bytes()
    packed = deflated(source)
    if zlib.decompress(packed, -15) != content:
        raise SystemExit("lambda_zip.py: what was packed does not unpack")
    common = struct.pack(
        "<HHHHHIIIHH", 20, 0, 8, 0, EARLIEST_DATE, zlib.crc32(content), len(packed),
        len(content), len(NAME), 0)
    entry = b"PK\3\4" + common + NAME + packed
    directory = (
        b"PK\1\2" + bytes([20, UNIX]) + common
        + struct.pack("<HHHII", 0, 0, 0, MODE << 16, 0) + NAME)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), len(entry), 0)
    pathlib.Path(target).write_bytes(entry + directory + end)


main()
