"""Holds two collections against each other, and prints every difference that is not intended."""

import difflib
import json
import re

from collection import Collection
from errors import Refused
from intended import ABSENT, Changes
from normalisation import Normaliser

SHOWN = 200
# They hold ids and times, so that a hash says nothing; while they are in the store they are compared as documents.
TEXTS = re.compile(r".*/(manifest\.json|reports/report-[^/]*)")


def report(before: Collection, after: Collection, changes: Changes) -> bool:
    """Prints what differs; true when nothing does but what is intended."""
    _describe(before, after)
    differences = [*_files(before, after, changes), *_documents(before, after, changes)]
    for line in differences:
        print(line)
    excused = sum(change.uses for change in changes.entries)
    for change in changes.entries:
        print(f"intended ({change.uses} times): {change.reason}" if change.uses else f"NOT NEEDED, take it out of the list: {change.reason}")
    compared = f"{len(before.files | after.files)} files and {len(before.documents | after.documents)} documents"
    print(f"{compared}: {f'{len(differences)} differences' if differences else 'equal'}{f', {excused} intended changes' if excused else ''}")
    return not differences


def _describe(before: Collection, after: Collection) -> None:
    for name, collection in (("before", before), ("after", after)):
        about = collection.about
        print(f"{name}: {about['tree']} ({about['commit']}), {about['seconds']} s on {about['cores']} cores of {about['processor']}")
    # Another processor may compute other last bits, and paths stand in digests: neither would be the tree's doing.
    for key in ("processor", "home"):
        if before.about[key] != after.about[key]:
            differ = f"the results differ in {key}: {before.about[key]}, {after.about[key]}"
            raise Refused(f"{differ}. Collect both on one machine, with one SAME_BITS_HOME.")


def _files(before: Collection, after: Collection, changes: Changes) -> list[str]:
    # Names are worded like documents: they hold the names of runs.
    renamed = {changes.worded(name, name): digest for name, digest in before.files.items()}
    found = []
    for name in sorted(renamed | after.files):
        one, other = renamed.get(name, ABSENT), after.files.get(name, ABSENT)
        if one != other and not (TEXTS.fullmatch(name) and ABSENT not in (one, other)) and not changes.excuse_whole("file", name):
            found.append(f"file {name}: sha256 {one} → {other}")
    return found


def _documents(before: Collection, after: Collection, changes: Changes) -> list[str]:
    renamed = {changes.worded(name, name): document for name, document in before.documents.items()}
    old, new = (Normaliser(collection.labels, collection.about["host"]) for collection in (before, after))
    found = []
    for name in sorted(renamed | after.documents):
        if name not in renamed or name not in after.documents:
            if not changes.excuse_whole("document", name):
                found.append(f"document {name}: only {'after' if name in after.documents else 'before'}")
            continue
        one, other = changes.worded(name, old.document(renamed[name])), new.document(after.documents[name])
        found += [
            f"{name}: {path}: {_shown(left)} → {_shown(right)}"
            for path, left, right in _differences("", one, other) if not changes.excuse(name, path, left, right)]
    return found


def _differences(path: str, before, after):
    """Where two values differ, with both sides; numbers of different type differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _differences(f"{path}.{key}" if path else key, before.get(key, ABSENT), after.get(key, ABSENT))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_differences(path, before, after)
    elif type(before) is not type(after) or before != after:
        yield path, before, after


def _list_differences(path: str, before: list, after: list):
    """Place by place; of lists of different length, between those entries that both have."""
    if len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after)):
            yield from _differences(f"{path}[{index}]", one, other)
        return
    keys = [[json.dumps(entry, sort_keys=True) for entry in entries] for entries in (before, after)]
    for _, left, left_end, right, right_end in difflib.SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        for offset in range(max(left_end - left, right_end - right)):
            one = before[left + offset] if left + offset < left_end else ABSENT
            other = after[right + offset] if right + offset < right_end else ABSENT
            yield from _differences(f"{path}[{min(left + offset, left_end)}]", one, other)


def _shown(value) -> str:
    text = value if value == ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"
