"""Changes on purpose, read from a file: each says what may differ, where, and why."""

import fnmatch
import json
import pathlib
import re
from dataclasses import dataclass, field

from errors import Refused

ABSENT = "<absent>"
KINDS = {
    frozenset(("word", "becomes")): "a word of the documents before is another one after",
    frozenset(("path", "add")): "a number is so much larger after",
    frozenset(("path", "from", "to")): "a value is another one after",
    frozenset(("path", "appears")): "a value is there after alone",
    frozenset(("path", "goes")): "a value was there before alone",
    frozenset(("path", "any")): "any difference, where nothing narrower can be said",
    frozenset(("file",)): "a file has other bytes, or is there on one side alone",
    frozenset(("document",)): "a document is there on one side alone",
}


@dataclass
class Change:
    """One entry of the file."""

    reason: str
    where: str
    rule: dict
    uses: int = 0

    def applies(self, document: str) -> bool:
        return fnmatch.fnmatchcase(document, self.where)

    def excuses(self, path: str, before, after) -> bool:
        rule = self.rule
        if "path" not in rule or not _pattern(rule["path"]).fullmatch(path):
            return False
        if "add" in rule:
            return _is_number(before) and _is_number(after) and before + rule["add"] == after
        if "from" in rule:
            return _same(before, rule["from"]) and _same(after, rule["to"])
        return "any" in rule or (before if "appears" in rule else after) == ABSENT


@dataclass
class Changes:
    """All entries; each counts what it was needed for."""

    entries: list[Change] = field(default_factory=list)

    def worded(self, document: str, value):
        """The value before in the words of after, in keys as in texts."""
        for change in self.entries:
            if "word" in change.rule and change.applies(document):
                value = _replaced(value, re.compile(rf"(?<!\w){re.escape(change.rule['word'])}(?!\w)"), change)
        return value

    def excuse(self, document: str, path: str, before, after) -> bool:
        return self._used(change for change in self.entries if change.applies(document) and change.excuses(path, before, after))

    def excuse_whole(self, kind: str, name: str) -> bool:
        """A file's bytes, or a document that is there on one side alone."""
        return self._used(change for change in self.entries if kind in change.rule and fnmatch.fnmatchcase(name, change.rule[kind]))

    @staticmethod
    def _used(excuses) -> bool:
        if (change := next(excuses, None)) is None:
            return False
        change.uses += 1
        return True


def read(path: pathlib.Path) -> Changes:
    try:
        entries = json.loads(path.read_text())
    except FileNotFoundError:
        raise Refused(f"{path}: there is no such file.") from None
    except json.JSONDecodeError as error:
        raise Refused(f"{path}: {error}.") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused(f"{path} has to be a list of objects.")
    return Changes([_change(f"{path}: entry {number}", entry) for number, entry in enumerate(entries, 1)])


def _change(place: str, entry: dict) -> Change:
    rule = {key: value for key, value in entry.items() if key not in ("reason", "in")}
    if not entry.get("reason", "").strip():
        raise Refused(f"{place} has no reason. Say why this changes.")
    if frozenset(rule) not in KINDS:
        known = "\n".join(f"  {', '.join(sorted(keys))}: {meaning}" for keys, meaning in KINDS.items())
        raise Refused(f"{place} has {', '.join(rule) or 'no rule'}; beside 'reason' and 'in' an entry has the keys\n{known}")
    return Change(entry["reason"], entry.get("in", "*"), rule)


def _replaced(value, word: re.Pattern, change: Change):
    if isinstance(value, dict):
        return {_replaced(key, word, change): _replaced(one, word, change) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, word, change) for one in value]
    if not isinstance(value, str):
        return value
    text, count = word.subn(lambda _: change.rule["becomes"], value)
    change.uses += count
    return text


def _pattern(path: str) -> re.Pattern:
    """`**`: anything; `*`: within a name; `[*]`: any place of a list."""
    translated = re.escape(path).replace(r"\*\*", ".*").replace(r"\[\*\]", r"\[\d+\]").replace(r"\*", r"[^.\[\]]*")
    return re.compile(translated)


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _same(one, other) -> bool:
    return type(one) is type(other) and one == other
