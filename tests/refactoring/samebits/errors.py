"""What ends this program with exit code 2."""


class Refused(Exception):
    """A tree, a result or a file is not what it has to be; the message says what to do."""
