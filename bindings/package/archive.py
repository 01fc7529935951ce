"""Packs a folder, the same to the byte for the same content: archive.py ARCHIVE FOLDER. A .zip or a .tar.gz, with the
folder as the one at its top."""

import gzip
import io
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path

# What a .zip can say begins in 1980.
SECONDS = max(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), 315_532_800)


def entries(folder):
    """Every file, with its name in the archive and whether it can be run."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield path, path.relative_to(folder.parent).as_posix(), 0o755 if os.access(path, os.X_OK) else 0o644


def pack_zip(archive, folder):
    with zipfile.ZipFile(archive, "w") as out:
        for path, name, mode in entries(folder):
            info = zipfile.ZipInfo(name, time.gmtime(SECONDS)[:6])
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, (0o100000 | mode) << 16, 3
            out.writestr(info, path.read_bytes(), compresslevel=9)


def pack_tar(archive, folder):
    with open(archive, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=SECONDS) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as out:
            for path, name, mode in entries(folder):
                info = tarfile.TarInfo(name)
                content = path.read_bytes()
                info.size, info.mode, info.mtime = len(content), mode, SECONDS
                out.addfile(info, io.BytesIO(content))


if __name__ == "__main__":
    pack = pack_zip if sys.argv[1].endswith(".zip") else pack_tar
    pack(sys.argv[1], Path(sys.argv[2]).resolve())
