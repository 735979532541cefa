"""Writes the list of what is linked into the package, as CycloneDX 1.6.

usage: sbom.py BOOTSTRAP <PARTS >SBOM

PARTS are sections as in sources.txt, without files where something comes with the compiler. The same
parts give the same bytes.
"""

import hashlib
import json
import pathlib
import sys
import urllib.parse


def read(lines):
    """The sections of sources.txt: what each line says by its first word, files as a list."""
    parts = {}
    for line in map(str.strip, lines):
        if line.startswith("["):
            part = parts.setdefault(line.strip("[]"), {"files": []})
        elif line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            if word == "file":
                part["files"].append(rest.split())
            else:
                part[word] = rest
    return parts


def licence(text):
    return [{"expression": text}] if " " in text else [{"license": {"id": text}}]


def component(name, part):
    result = {
        "type": "library", "bom-ref": name, "name": name, "version": part["version"],
        "licenses": licence(part["licence"]),
    }
    if "package" in part:
        version = urllib.parse.quote(part["version"])
        result["purl"] = f"pkg:deb/debian/{part['package']}@{version}?arch=source"
    if part["files"]:
        # The .dsc, which has the hashes of the others.
        result["hashes"] = [{"alg": "SHA-256", "content": part["files"][0][0]}]
        result["properties"] = [
            {"name": f"sha256:{file}", "value": hash} for hash, file in part["files"]
        ]
    return result


def main():
    digest = hashlib.sha256(pathlib.Path(sys.argv[1]).read_bytes()).hexdigest()
    components = [component(*named) for named in read(sys.stdin).items()]
    program = {
        "type": "application", "bom-ref": "bootstrap", "name": "inlet",
        "version": digest[:12], "hashes": [{"alg": "SHA-256", "content": digest}],
        "licenses": licence("Apache-2.0"),
    }
    json.dump(
        {
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
            "metadata": {"component": program},
            "components": components,
            "dependencies": [
                {"ref": "bootstrap", "dependsOn": [part["bom-ref"] for part in components]}
            ],
        },
        sys.stdout, indent=2)
    print()


main()
