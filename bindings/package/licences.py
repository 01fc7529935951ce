"""Writes the licences of all that is linked into the libraries: licences.py CRATE[,CRATE...] [FEATURES] > THIRD-PARTY.txt

Texts come out of the crates themselves, those of C code inside of them too. It is an error if one has none."""

import re
import sys
from pathlib import Path

from crates import ROOT, Crates, licence_of

FILE = re.compile(r"(un)?licen[cs]e|copying|notice|copyright", re.IGNORECASE)
# Section 3.2 asks for this, and for where the source is, not for the licence's text.
MPL = """This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0.
If a copy of the MPL was not distributed with this file, You can obtain one at https://mozilla.org/MPL/2.0/.

It is used unchanged. Its source is at https://crates.io/crates/{name}/{version} and at
{repository}"""
NOT_LINKED = {"tests", "test", "examples", "benches", "fuzz", "target", "doc", "docs", "dnn", ".github"}


def main():
    names = sys.argv[1].split(",")
    crates = Crates(names, sys.argv[2] if len(sys.argv) > 2 else None)
    others = sorted((crates[crate] for crate in crates.linked if not crates.is_own(crate)), key=_title)
    found = {_title(package): texts_of(package) for package in others}
    # Where a crate brings none: that of a crate from the same repository, or of one under the same licence.
    for same in ("repository", "license"):
        for package in others:
            if not found[_title(package)]:
                found[_title(package)] = _of_relatives(package, others, found, same)
    apache = (ROOT / "LICENSE-APACHE").read_text()
    for package in others:
        if not found[_title(package)] and "Apache-2.0" in licence_of(package).replace("(", "").split(" OR "):
            found[_title(package)] = [apache]
        elif licence_of(package) == "MPL-2.0":
            found[_title(package)] = found[_title(package)] or [MPL.format(**package)]
    missing = [title for title, texts in found.items() if not texts]
    if missing:
        sys.exit(f"no licence text for: {', '.join(missing)}")
    found["The Rust standard library"] = [apache]
    print(report(names, others, found))


def texts_of(package):
    """The texts that come with a crate: one of its own where it lets one choose, and all of the code inside of it."""
    folder = Path(package["manifest_path"]).parent
    own = sorted(path for path in folder.iterdir() if path.is_file() and FILE.match(path.name))
    if licence_of(package).count(" OR ") and " AND " not in licence_of(package):
        chosen = [path for path in own if re.search(r"mit", path.name, re.IGNORECASE)]
        own = chosen[:1] or own
    inside = [
        path
        for path in sorted(folder.glob("*/**/*"))
        if path.is_file()
        and FILE.match(path.name)
        and path.suffix.lower() in {"", ".txt", ".md"}
        and not NOT_LINKED & set(path.relative_to(folder).parts)
    ]
    return [path.read_text(errors="replace").strip() for path in own + inside]


def _of_relatives(package, others, found, same):
    value = package[same]
    relatives = (found[_title(other)] for other in others if value and other[same] == value)
    return next((texts for texts in relatives if texts), [])


def report(names, others, found):
    users = {}
    for title, texts in found.items():
        for text in texts:
            # The same but for where its lines break.
            users.setdefault(" ".join(text.split()), (text, []))[1].append(title)
    lines = [f"What is linked into {' and '.join(names)}, and its licences.", ""]
    lines += [f"{_title(package)}: {licence_of(package)}  {package['repository'] or ''}".rstrip() for package in others]
    lines += ["The Rust standard library: MIT OR Apache-2.0  https://github.com/rust-lang/rust", ""]
    for text, titles in users.values():
        lines += ["=" * 80, ", ".join(titles), "=" * 80, "", text, ""]
    return "\n".join(lines)


def _title(package):
    return f"{package['name']} {package['version']}"


if __name__ == "__main__":
    main()
