#!/usr/bin/env python3
"""Fails when an #include breaks the architecture: each folder may include only the folders in its row.

The table is the one place where the arrows of the design stand. It also holds heavy third-party headers to the
few files that need them, so that a build stays quick. Run from anywhere; prints each breach as file:line.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# folder -> what it may include beside itself; a ".hpp" entry allows that one header only.
MAY_INCLUDE = {
    "orchestrator/core": [],
    "orchestrator/manifest": ["orchestrator/core"],
    "orchestrator/catalog": ["orchestrator/core"],
    "orchestrator/plan": ["orchestrator/core", "orchestrator/manifest", "orchestrator/catalog"],
    "orchestrator/engine": ["orchestrator/core", "orchestrator/plan/route.hpp"],
    "orchestrator/ledger": ["orchestrator/core"],
    "orchestrator/http": ["orchestrator/core"],
    "orchestrator/gateway": ["orchestrator/core", "orchestrator/catalog", "orchestrator/http"],
    "orchestrator/media": ["orchestrator/core"],
    "orchestrator/run": ["orchestrator/core", "orchestrator/plan", "orchestrator/engine", "orchestrator/ledger",
                         "orchestrator/gateway", "orchestrator/media"],
    "orchestrator/forecast": ["orchestrator/core", "orchestrator/plan", "orchestrator/engine", "orchestrator/ledger",
                              "orchestrator/gateway/gateway.hpp", "orchestrator/run"],
    "orchestrator/report": ["orchestrator/core", "orchestrator/plan", "orchestrator/ledger"],
    "orchestrator/review": ["orchestrator/core", "orchestrator/manifest"],
    "orchestrator/web": ["orchestrator/core", "orchestrator/http"],
    "orchestrator/cli": ["orchestrator", "tools/local_gateway/local_gateway.hpp"],
    # The local gateway is an independent witness: transport is shared, pricing and validation are not.
    "tools/local_gateway": ["orchestrator/core", "orchestrator/http"],
    "tools/bench": ["orchestrator", "tools"],
    "tests": ["orchestrator", "tools", "tests"],
}

# third-party header -> the only places that may name it.
HEAVY = {
    r"boost/beast": ["orchestrator/http/"],
    r"yaml-cpp/": ["orchestrator/manifest/document.cpp", "orchestrator/catalog/load.cpp", "orchestrator/catalog/load_gateways.",
                    "orchestrator/catalog/yaml_reading.hpp"],
    r"valijson/": ["orchestrator/manifest/schema.cpp"],
    r"spdlog/": ["orchestrator/cli/log.cpp"],
    r"SQLiteCpp/|sqlite3\.h": ["orchestrator/ledger/"],
    r"nlohmann/json\.hpp": ["*.cpp"],
    r"stb/": ["*.cpp"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def folder_of(path):
    """The row of MAY_INCLUDE that `path` belongs to: the longest that is a prefix."""
    rows = [row for row in MAY_INCLUDE if path.startswith(row + "/")]
    return max(rows, key=len, default=None)


def allowed(row, target):
    return any(target == entry or target.startswith(entry + "/") for entry in [row, *MAY_INCLUDE[row]])


def heavy_breach(path, header):
    for pattern, places in HEAVY.items():
        if re.match(pattern, header) and not path.startswith("tests/"):
            ok = any(path.endswith(place[1:]) if place.startswith("*") else path.startswith(place) for place in places)
            if not ok:
                return f"<{header}> belongs in {', '.join(places)} only"
    return None


def breaches_in(path):
    relative = path.relative_to(ROOT).as_posix()
    row = folder_of(relative)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, header = match.groups()
        place = f"{relative}:{number}"
        if quote == '"':
            if not header.startswith(("orchestrator/", "tools/", "tests/")):
                yield f'{place}: write "{header}" from the root of the repository'
            elif row is None:
                yield f"{place}: this folder has no row in tools/check_layers.py"
            elif not allowed(row, header):
                yield f'{place}: {row}/ may not include "{header}"'
        elif (reason := heavy_breach(relative, header)) is not None:
            yield f"{place}: {reason}"


def main():
    sources = [p for top in ("orchestrator", "tools", "tests") for p in sorted((ROOT / top).rglob("*"))
               if p.suffix in (".cpp", ".hpp", ".ipp") and "node_modules" not in p.parts]
    found = [breach for path in sources for breach in breaches_in(path)]
    for breach in found:
        print(breach)
    print(f"layers: {len(sources)} files, {len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
