#!/usr/bin/env python3
"""Writes the manifest reference from the schema that manifests are validated with.

tools/manifest_reference.py            prints it
tools/manifest_reference.py --check    fails when manifests/REFERENCE.md is not what it would print
tools/manifest_reference.py --write    writes that file
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "manifests/REFERENCE.md"
SCHEMA = json.loads((ROOT / "schemas/campaign.schema.json").read_text())

HEAD = """# Manifest reference

Written by `tools/manifest_reference.py` from `schemas/campaign.schema.json`, the file that manifests are validated with:
change that one. Texts may hold `{{ variables }}`; the README tells what they can be. Required keys are **bold**.
"""

TYPE_NAMES = {"object": "group", "array": "list", "string": "text", "integer": "whole number", "number": "number",
              "boolean": "true or false"}


def resolve(schema):
    """A reference with what is said beside it."""
    if "$ref" not in schema:
        return schema
    target = SCHEMA
    for part in schema["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**resolve(target), **{key: value for key, value in schema.items() if key != "$ref"}}


def choices(schema):
    for key in ("enum", "x-choices"):
        if key in schema:
            return [str(choice) for choice in schema[key]]
    return []


def kind(schema):
    found = choices(schema)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if found:
        words = " ".join(f"`{choice}`" for choice in found)
        return words + (", or a list of them" if "array" in types else "")
    if "x-expected" in schema:
        return schema["x-expected"]
    if "const" in schema:
        return f"`{schema['const']}`"
    return " or ".join(TYPE_NAMES[name] for name in types) or "anything"


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def default(schema):
    if "default" not in schema:
        return ""
    value = schema["default"]
    return f"`{json.dumps(value) if not isinstance(value, str) else value}`"


def groups_below(schema, path):
    """What has keys of its own: the schema itself, what its values or entries are."""
    schema = resolve(schema)
    if "properties" in schema:
        yield path, schema
    for key, more in schema.get("properties", {}).items():
        yield from groups_below(more, f"{path}.{key}" if path else key)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from groups_below(schema["additionalProperties"], f"{path}.NAME")
    if isinstance(schema.get("items"), dict):
        yield from groups_below(schema["items"], f"{path}[]")
    for more in schema.get("oneOf", []) + schema.get("anyOf", []):
        yield from groups_below(more, path)


def table(schema):
    required = schema.get("required", [])
    lines = ["| key | value | default | |", "| --- | --- | --- | --- |"]
    for key, more in schema["properties"].items():
        more = resolve(more)
        name = f"**`{key}`**" if key in required else f"`{key}`"
        lines.append(f"| {name} | {cell(kind(more))} | {default(more)} | {cell(more.get('description', ''))} |")
    return "\n".join(lines)


def reference():
    parts = [HEAD]
    written = {}
    for path, schema in groups_below(SCHEMA, ""):
        text = table(schema)
        title = f"## `{path}`" if path else "## The manifest"
        if text in written:
            parts.append(f"{title}\n\nThe same keys as in `{written[text]}`.\n")
            continue
        written[text] = path
        about = resolve(schema).get("description", "") if path else ""
        parts.append(f"{title}\n\n{about + chr(10) + chr(10) if about else ''}{text}\n")
    return "\n".join(parts)


def main():
    text = reference()
    if sys.argv[1:] == ["--write"]:
        TARGET.write_text(text)
    elif sys.argv[1:] == ["--check"]:
        if not TARGET.exists() or TARGET.read_text() != text:
            sys.exit("manifests/REFERENCE.md is not what the schema says: tools/manifest_reference.py --write")
    elif len(sys.argv) == 1:
        print(text, end="")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
