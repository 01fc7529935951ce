"""Writes a bill of materials in CycloneDX 1.6: sbom.py CRATE[,CRATE...] FOLDER [FEATURES] > SBOM.cdx.json

FOLDER has the libraries, whose sums and needs are in it. What only makes them (build scripts, macros) has the scope
"excluded"; FFmpeg, which they load and which is not in a package, is an entry of its own."""

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

from crates import ROOT, Crates, host, licence_of

# C code that crates compile and link, by crate: name, licence, where it is from, and the file that names its version.
INSIDE = {
    "openh264-sys2": ("openh264", "BSD-2-Clause", "github/cisco/openh264", "upstream/VERSION"),
    "opusic-sys": ("opus", "BSD-3-Clause", "github/xiph/opus", "opus/package_version"),
}
# The tool's own name for files that this was made of.
NAMESPACE = uuid.UUID("6f0a3a0e-6f5b-5d3c-9d55-3f1f5a1f7c11")


def main():
    names, folder = sys.argv[1].split(","), Path(sys.argv[2])
    crates = Crates(names, sys.argv[3] if len(sys.argv) > 3 else None)
    libraries = sorted(path for path in folder.iterdir() if path.suffix in {".so", ".dll", ".dylib"})
    sums = _sums()
    components = [_component(crates, crate, sums) for crate in sorted(crates.compiled - {crates.roots[0]})]
    dependencies = [
        {"ref": _purl(crates[crate]), "dependsOn": sorted({_purl(crates[used]) for used in crates.used_by(crate)})}
        for crate in sorted(crates.compiled)
    ]
    loaded = sorted({needed for library in libraries for needed in _loaded(library)})
    components += [_ffmpeg(soname) for soname in loaded]
    top = next(entry for entry in dependencies if entry["ref"] == _purl(crates[crates.roots[0]]))
    top["dependsOn"] += loaded + [_purl(crates[root]) for root in crates.roots[1:]]
    top["dependsOn"] = sorted(set(top["dependsOn"]))
    main_component = _component(crates, crates.roots[0], sums)
    main_component["components"] = [_file(library) for library in libraries]
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": _made_at(),
            "tools": {"components": [{"type": "application", "name": "cargo", "version": _cargo_version()}]},
            "component": main_component,
            "properties": [{"name": "cargo:target", "value": host()}],
        },
        "components": components,
        "dependencies": dependencies,
    }
    # The same for the same content.
    bom["serialNumber"] = uuid.uuid5(NAMESPACE, json.dumps(bom, sort_keys=True)).urn
    json.dump(bom, sys.stdout, indent=1)
    print()


def _component(crates, crate, sums):
    package = crates[crate]
    component = {
        "type": "library",
        "bom-ref": _purl(package),
        "name": package["name"],
        "version": package["version"],
        "scope": "required" if crate in crates.linked else "excluded",
        "licenses": [{"expression": licence_of(package)}],
        "purl": _purl(package),
    }
    checksum = sums.get((package["name"], package["version"]))
    if checksum:
        component["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if package["repository"]:
        component["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    if package["name"] in INSIDE:
        name, licence, place, file = INSIDE[package["name"]]
        version = _version_in((Path(package["manifest_path"]).parent / file).read_text())
        purl = f"pkg:{place}@{version}"
        component["components"] = [
            {"type": "library", "bom-ref": purl, "name": name, "version": version, "licenses": [{"expression": licence}], "purl": purl}
        ]
    return component


def _version_in(text):
    """A quoted version, or the commit that it was taken from."""
    return re.search(r'"([^"]+)"|\b([0-9a-f]{40})\b', text).group(0).strip('"')


def _ffmpeg(soname):
    return {
        "type": "library",
        "bom-ref": soname,
        "name": soname,
        "scope": "required",
        "description": "Of FFmpeg; loaded with the library and not part of the package.",
        "licenses": [{"expression": "LGPL-2.1-or-later OR GPL-2.0-or-later"}],
        "externalReferences": [{"type": "website", "url": "https://ffmpeg.org"}],
    }


def _file(path):
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"type": "file", "bom-ref": f"file:{path.name}", "name": path.name, "hashes": [{"alg": "SHA-256", "content": content}]}


def _loaded(library):
    """FFmpeg's libraries that one names, as the dynamic linker knows them."""
    if library.suffix != ".so":
        return []
    told = subprocess.run(["readelf", "-dW", library], check=True, capture_output=True, text=True).stdout
    return re.findall(r"Shared library: \[(lib(?:av|sw)\w+\.so\.\d+)\]", told)


def _purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def _sums():
    """What Cargo.lock says a crate's archive has as its SHA-256."""
    entry = re.compile(r'^name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"$', re.MULTILINE)
    return {(name, version): checksum for name, version, checksum in entry.findall((ROOT / "Cargo.lock").read_text())}


def _made_at():
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _cargo_version():
    return subprocess.run(["cargo", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]


if __name__ == "__main__":
    main()
