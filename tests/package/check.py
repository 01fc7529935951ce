"""Looks at a folder that bindings/package.sh has made as those do who get it: check.py RELEASE SCRATCH"""

import ctypes
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RELEASE, SCRATCH = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
VERSION = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE).group(1)
HAS_GODOT = (ROOT / "bindings/godot/Cargo.toml").exists()


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def one(pattern):
    found = list(RELEASE.glob(pattern))
    assert len(found) == 1, f"{pattern}: {found}"
    return found[0]


def unpack(archive):
    into = SCRATCH / archive.name
    if archive.suffix == ".zip":
        zipfile.ZipFile(archive).extractall(into)
    else:
        tarfile.open(archive).extractall(into)
    inside = list(into.iterdir())
    assert len(inside) == 1, f"{archive.name} has not one folder at its top: {inside}"
    return inside[0]


def sums_are_those_of_all_files():
    lines = (RELEASE / "SHA256SUMS").read_text().splitlines()
    listed = {name: told for told, name in (line.split("  ", 1) for line in lines)}
    there = {path.name for path in RELEASE.iterdir()} - {"SHA256SUMS"}
    assert set(listed) == there, f"listed {sorted(listed)}, there {sorted(there)}"
    for name, told in listed.items():
        assert hashlib.sha256((RELEASE / name).read_bytes()).hexdigest() == told, f"{name} has another sum"


def the_native_archive_serves_a_program_in_c():
    prefix = unpack(one("rendercast-*.tar.gz"))
    notices = {"LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY.txt", "FFMPEG.md"}
    assert notices <= {path.name for path in prefix.iterdir()}
    program = SCRATCH / "version"
    source = '#include <rendercast.h>\n#include <stdio.h>\nint main(void) { return puts(rendercast_version()) < 0; }\n'
    flags = ["-Wall", "-Werror", "-x", "c", "-", "-o", program, f"-I{prefix}/include", f"-L{prefix}/lib", "-lrendercast"]
    run("cc", *flags, f"-Wl,-rpath,{prefix}/lib", input=source)
    assert run(program).strip() == VERSION
    return prefix / "lib/librendercast.so"


def ffmpeg_beside_the_library_goes_before_the_systems(library):
    told = run("readelf", "-dW", library)
    assert "RUNPATH" in told and "[$ORIGIN]" in told, told
    needed = re.findall(r"Shared library: \[(lib(?:av|sw)\w+\.so\.\d+)\]", told)
    places = dict(re.findall(r"(\S+) => (/\S+)", run("ldd", library)))
    beside = SCRATCH / "beside"
    beside.mkdir()
    shutil.copy(library, beside)
    for name in needed:
        shutil.copy(places[name], beside)
    script = "import ctypes, sys; ctypes.CDLL(sys.argv[1]); print(open('/proc/self/maps').read())"
    maps = run(sys.executable, "-c", script, beside / library.name)
    for name in needed:
        loaded = set(re.findall(rf"(/\S*/{re.escape(name)}\S*)", maps))
        assert loaded == {str(beside / name)}, f"{name} was loaded from {loaded}"
    return needed


def the_unity_package_has_the_library_and_the_licences(library):
    package = unpack(one("com.rendercast.streaming-*.tgz"))
    assert (package / "Runtime/Plugins/x86_64/librendercast.so").read_bytes() == library.read_bytes()
    for name in ["package.json", "Third Party Notices.md"]:
        assert (package / name).exists() and (package / f"{name}.meta").exists(), name


def the_web_module_can_be_imported():
    package = unpack(one("rendercast-web-*.tgz"))
    assert {"LICENSE-MIT", "LICENSE-APACHE", "index.d.ts"} <= {path.name for path in package.iterdir()}
    modules = SCRATCH / "site/node_modules"
    modules.mkdir(parents=True)
    shutil.copytree(package, modules / "rendercast")
    script = "import * as all from 'rendercast'; import 'rendercast/input-bytes'; console.log(typeof all.Player)"
    assert run("node", "--input-type=module", "-e", script, cwd=modules.parent).strip() == "function"


def the_godot_addon_is_in_asset_library_form():
    addon = unpack(one("rendercast-godot-*.zip")) / "addons/rendercast"
    there = {path.name for path in addon.iterdir()}
    assert {"plugin.cfg", "rendercast.gdextension", "THIRD-PARTY.txt", "LICENSE-MIT"} <= there, there
    extension = (addon / "rendercast.gdextension").read_text()
    named = re.findall(r'^linux\.\S+ = "(?:res://addons/rendercast/)?(.+)"', extension, re.MULTILINE)
    there = [addon / path for path in named if (addon / path).exists()]
    assert there, f"none of {named} is there"
    assert ctypes.CDLL(str(there[0])).gdext_rust_init
    # Once for each crate that asks for it.
    assert re.search(r"runpath: \[\$ORIGIN(:\$ORIGIN)*\]", run("readelf", "-dW", there[0]))


def licences_name_all_that_is_linked(linked):
    text = one("THIRD-PARTY.txt").read_text()
    for component in linked:
        assert f"{component['name']} {component['version']}: " in text, component["name"]
    for words in ["Cisco Systems", "Xiph.Org Foundation", "Apache License", "Permission is hereby granted"]:
        assert words in text, words


def the_bill_is_whole(library, needed):
    bill = json.loads(one("*.cdx.json").read_text())
    top = bill["metadata"]["component"]
    assert (top["name"], top["version"]) == ("rendercast", VERSION)
    sums = {file["name"]: file["hashes"][0]["content"] for file in top["components"]}
    assert sums[library.name] == hashlib.sha256(library.read_bytes()).hexdigest()
    components = bill["components"]
    refs = [component["bom-ref"] for component in [top, *components]]
    assert len(refs) == len(set(refs)), "two components have one name"
    assert set(needed) <= set(refs)
    locked = (ROOT / "Cargo.lock").read_text()
    for component in components:
        for checksum in component.get("hashes", []):
            assert checksum["content"] in locked, component["name"]
    reached, waiting = set(), [top["bom-ref"]]
    graph = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    while waiting:
        ref = waiting.pop()
        assert ref in refs, f"{ref} is used and not listed"
        if ref not in reached:
            reached.add(ref)
            waiting += graph.get(ref, [])
    assert reached == set(refs), f"used by nothing: {set(refs) - reached}"
    linked = [c for c in components if c["scope"] == "required" and "hashes" in c]
    # `cargo tree` knows nothing of that script.
    tree = run("cargo", "tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}", cwd=ROOT)
    crates = {tuple(line.split()[:2]) for line in tree.splitlines() if "(" not in line or "(*)" in line}
    wanted = {(name, version[1:]) for name, version in crates}
    assert wanted - {("rendercast", VERSION)} <= {(c["name"], c["version"]) for c in linked}, "crates are missing"
    return linked


def the_bill_obeys_its_schema():
    try:
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator

        problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(one("*.cdx.json").read_text())
    except ImportError as error:
        return print(f"SKIPPED: the bill against its schema ({error}); pip install 'cyclonedx-python-lib[json-validation]'")
    assert problem is None, problem


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    os.environ.pop("LD_LIBRARY_PATH", None)
    sums_are_those_of_all_files()
    library = the_native_archive_serves_a_program_in_c()
    needed = ffmpeg_beside_the_library_goes_before_the_systems(library)
    the_unity_package_has_the_library_and_the_licences(library)
    the_web_module_can_be_imported()
    if HAS_GODOT:
        the_godot_addon_is_in_asset_library_form()
    licences_name_all_that_is_linked(the_bill_is_whole(library, needed))
    the_bill_obeys_its_schema()
    print("the release is whole")


if __name__ == "__main__":
    main()
