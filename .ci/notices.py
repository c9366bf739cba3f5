#!/usr/bin/env python3
"""Writes target/notices.txt: what an app must say about the work of others that it carries.

The packages are those whose code ends up in the binary on phones: normal dependencies of lapor-ffi,
without procedural macros and build scripts, and with the packages that only carry C sources. Each
licence text is taken from the package itself and printed once. A package without a text fails the
run, so that nothing ships unnamed.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = "lapor-ffi"
PHONES = [
    "aarch64-linux-android",
    "armv7-linux-androideabi",
    "x86_64-linux-android",
    "aarch64-apple-ios",
]
# Build dependencies whose code ships: they hand C sources to a build script.
CARRIES_SOURCES = re.compile(r"-src$")
TEXT_FILE = re.compile(r"^(licen[cs]e|copying|notice|copyright|unlicense|readme\.ijg)", re.I)

# A package that names a licence without its text. MPL-2.0 asks for a notice and a way to the source.
MPL = (
    "This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0.\n"
    "If a copy of the MPL was not distributed with this file, You can obtain one at\n"
    "https://mozilla.org/MPL/2.0/.\n"
    "Used unchanged; the source of each package is at the address beside its name."
)
STANDARD = {"MPL-2.0": MPL}
APACHE = re.compile(r"^\s*Apache License\s+Version 2\.0.*END OF TERMS AND CONDITIONS", re.S)

ALWAYS = (
    "This software is based in part on the work of the Independent JPEG Group.\n\n"
    "The Rust standard library, Copyright (c) The Rust Project Developers, is used under the MIT\n"
    "licence or the Apache License, Version 2.0, at your choice: https://www.rust-lang.org/policies/licenses"
)


def cargo(*arguments):
    done = subprocess.run(["cargo", *arguments, "--locked"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"FAILED: cargo {' '.join(arguments)}\n{done.stderr}")
    return done.stdout


def names(edges):
    """`name version` of everything that the product reaches over these edges, on any phone."""
    found = set()
    for phone in PHONES:
        tree = cargo("tree", "-p", PRODUCT, "--target", phone, "-e", edges, "--prefix", "none", "-f", "{p}")
        for line in tree.splitlines():
            name, version = line.split()[:2]
            found.add((name, version.removeprefix("v")))
    return found


def shipped():
    """The packages in the binary, without the workspace's own."""
    ids = names("normal,no-proc-macro")
    ids |= {(name, version) for name, version in names("normal,build") if CARRIES_SOURCES.search(name)}
    metadata = json.loads(cargo("metadata", "--format-version", "1"))
    own = set(metadata["workspace_members"])
    packages = [
        package
        for package in metadata["packages"]
        if (package["name"], package["version"]) in ids and package["id"] not in own
    ]
    return sorted(packages, key=lambda package: (package["name"], package["version"]))


def texts(package):
    """Licence texts of a package, its C sources' ones included (one folder down)."""
    folder = Path(package["manifest_path"]).parent
    found = []
    for place in [folder, *sorted(p for p in folder.iterdir() if p.is_dir())]:
        for path in sorted(place.iterdir()):
            if path.is_file() and TEXT_FILE.match(path.name) and path.suffix not in (".rs", ".c", ".h"):
                text = path.read_text(encoding="utf-8", errors="replace")
                found.append("\n".join(line.rstrip() for line in text.strip().splitlines()))
    if not found and package["license"] in STANDARD:
        found.append(STANDARD[package["license"]])
    return found


def main():
    packages = shipped()
    by_text, without = {}, []
    for package in packages:
        found = texts(package)
        if not found:
            without.append(package)
        for text in found:
            by_text.setdefault(text, []).append(f"{package['name']} {package['version']}")
    # Who offers Apache-2.0 and forgot its text is used under it; the text is the same for all.
    apache = next((text for text in by_text if APACHE.search(text)), None)
    for package in list(without):
        if apache and "Apache-2.0" in package["license"] and " AND " not in package["license"]:
            by_text[apache].append(f"{package['name']} {package['version']}")
            without.remove(package)

    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    target.mkdir(parents=True, exist_ok=True)
    notices = target / "notices.txt"
    rule = "=" * 78
    with notices.open("w", encoding="utf-8") as out:
        out.write("Work of others in this app\n\n")
        for package in packages:
            address = f"https://crates.io/crates/{package['name']}/{package['version'].split('+')[0]}"
            out.write(f"{package['name']} {package['version']}: {package['license']}  {address}\n")
        out.write(f"\n{ALWAYS}\n")
        for text, names in sorted(by_text.items(), key=lambda entry: entry[1]):
            out.write(f"\n{rule}\n{', '.join(names)}\n{rule}\n\n{text}\n")
    if without:
        sys.exit("FAILED: no licence text in " + ", ".join(f"{p['name']} ({p['license']})" for p in without))
    place = notices.relative_to(ROOT) if notices.is_relative_to(ROOT) else notices
    print(f"{place}: {len(packages)} packages, {len(by_text)} licence texts, {notices.stat().st_size} bytes")


if __name__ == "__main__":
    main()
