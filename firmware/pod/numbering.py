"""Numbers of runs: never that of an earlier run, kept or not, across resets too."""

from micropython import const

_BYTES = const(4)


class RunNumbers:
    """`file` holds the number of the last run that was begun; `store` may know a higher one, or be None."""

    def __init__(self, file, store):
        self._file = file
        self._store = store

    def last(self):
        """Number of the last run that was begun, 0 before the first."""
        saved = self._file.load()
        return int.from_bytes(saved, "little") if saved and len(saved) == _BYTES else 0

    def next(self):
        """Number for a new run, which from now on is the last one. Writes a file: not while sampling."""
        run = max(self.last(), self._store.next_run() - 1 if self._store else 0) + 1
        self._file.save(run.to_bytes(_BYTES, "little"))
        return run
