"""Takes out of documents what differs each time on one tree: ids, times, addresses, processes, and what was measured by a clock."""

import re

VARIES = "<varies>"

# Keys whose values are measured by a clock, or name a process or machine. Null stays null: whether there is a value is not left to chance.
VARYING_KEYS = frozenset((
    "decoded_hits", "eta_seconds", "host", "lease_age_seconds", "pid", "recent_wait", "recent_wait_seconds", "samples_per_second",
    "trainer_pid", "wait_seconds"))
# Whether there is a value is left to chance too.
CHANCE_KEYS = frozenset(("waits_for",))

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TEXTS = [
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"), "<time>"),
    (re.compile(r"(127\.0\.0\.1|localhost):\d+"), r"\1:<port>"),
    (re.compile(r"\bat \d+ MiB resident"), "at <varies> MiB resident"),
    # What libtorch says of the machine, with time and process.
    (re.compile(r"\n?\[W\d{4} [^\n]*"), ""),
    # The commit that a program was built from.
    (re.compile(r"\b(\d+\.\d+\.\d+)\+[0-9a-f]{40}\b"), r"\1+<commit>"),
    # A report's pictures are compared as files of the store.
    (re.compile(r'"data:image/png;base64,[^"]*"'), '"<picture>"'),
    # A report names its run by id.
    (re.compile(r"(\breport\.(?:html|json)\b.* sha256 )[0-9a-f]{64}"), rf"\1{VARIES}"),
]
PROGRESS = re.compile(r"[a-z]+ \d+ %|.+  queued")
# The configs of these name a checkpoint, and by that a run's id.
OF_A_CHECKPOINT = ("import ", "predict ")
DIGEST_KEYS = frozenset(("config_digest", "digest"))
REPORT = re.compile(r"report\.(html|json)")


class Normaliser:
    """For the documents of one collection."""

    def __init__(self, labels: dict[str, str], host: str):
        self._labels = labels
        self._host = re.compile(rf"\b{re.escape(host)}\b")

    def document(self, value):
        """The document with ids by their labels, and a placeholder for whatever varies."""
        if isinstance(value, dict):
            return {self._text(key): self._member(value, key, one) for key, one in value.items()}
        if isinstance(value, list):
            if value and str(value[0]).lower().startswith("<!doctype html"):
                value = _elements("\n".join(value))
            # How often progress is told follows the clock.
            return [self.document(one) for one in value if not (isinstance(one, str) and PROGRESS.fullmatch(one))]
        return self._text(value) if isinstance(value, str) else value

    def _member(self, owner: dict, key: str, value):
        is_report = key == "sha256" and REPORT.fullmatch(str(owner.get("name")))
        # A checkpoint's manifest has times, whose digits vary.
        is_checkpoint = key == "bytes" and "epoch" in owner
        is_digest = key in DIGEST_KEYS and any(
            str(name).startswith(OF_A_CHECKPOINT) for name in (owner.get("name"), self._labels.get(str(owner.get("run")))))
        varies = key in CHANCE_KEYS or (value is not None and (key in VARYING_KEYS or is_report or is_checkpoint or is_digest))
        return VARIES if varies else self.document(value)

    def _text(self, text: str) -> str:
        text = ID.sub(lambda found: f"<{self._labels.get(found[0], 'id')}>", text)
        for pattern, replacement in TEXTS:
            text = pattern.sub(replacement, text)
        return self._host.sub("<host>", text)


def _elements(html: str) -> list[str]:
    """An element a line: where a browser sees no space, how a page is broken into lines does not count."""
    return re.sub(r"\s*(</?[a-z!])", r"\n\1", re.sub(r"\s+", " ", html)).strip().splitlines()
