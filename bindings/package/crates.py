"""What `cargo metadata` says is in a library: the crates linked into it, and those that only make it."""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Crates:
    """The crates behind some of the workspace's own, for one target and one choice of features."""

    def __init__(self, names, features=None):
        self.metadata = _metadata(features)
        self.packages = {package["id"]: package for package in self.metadata["packages"]}
        self.nodes = {node["id"]: node for node in self.metadata["resolve"]["nodes"]}
        members = [self.packages[member] for member in self.metadata["workspace_members"]]
        self.roots = [package["id"] for package in members if package["name"] in names]
        if len(self.roots) != len(names):
            raise SystemExit(f"the workspace does not have all of {', '.join(names)}")
        self.linked = self._reached({None}, through_macros=False)
        self.compiled = self._reached({None, "build"}, through_macros=True)

    def __getitem__(self, crate):
        return self.packages[crate]

    def is_own(self, crate):
        return self[crate]["source"] is None

    def used_by(self, crate):
        """What a crate is built of."""
        used = [dep["pkg"] for dep in self.nodes[crate]["deps"] if _kinds(dep) & {None, "build"}]
        return sorted(set(used) & self.compiled)

    def _reached(self, kinds, through_macros):
        reached, waiting = set(), list(self.roots)
        while waiting:
            crate = waiting.pop()
            if crate in reached or not (through_macros or not self._is_macro(crate)):
                continue
            reached.add(crate)
            waiting += [dep["pkg"] for dep in self.nodes[crate]["deps"] if _kinds(dep) & kinds]
        return reached

    def _is_macro(self, crate):
        return any("proc-macro" in target["kind"] for target in self[crate]["targets"])


def licence_of(package):
    """The SPDX expression; older crates write a slash for "or"."""
    return (package["license"] or "NOASSERTION").replace("/", " OR ").replace("  ", " ")


def host():
    """The target that is built for, unless CARGO_BUILD_TARGET names another."""
    told = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    found = next(line.split()[1] for line in told.splitlines() if line.startswith("host:"))
    return os.environ.get("CARGO_BUILD_TARGET", found)


def _kinds(dep):
    return {kind["kind"] for kind in dep["dep_kinds"]}


def _metadata(features):
    cargo = [os.environ.get("CARGO", "cargo"), "metadata", "--locked", "--format-version", "1", "--filter-platform", host()]
    if features is not None:
        cargo += ["--no-default-features", "--features", features]
    return json.loads(subprocess.run(cargo, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)
