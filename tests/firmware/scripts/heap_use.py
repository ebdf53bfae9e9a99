"""What a function allocates."""

import gc


def _nothing():
    pass


def allocated_by(function):
    """Bytes that `function` leaves on the heap, beyond what looking costs; it has run before."""
    return _grown_by(function) - _grown_by(_nothing)


def _grown_by(function):
    function()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    function()
    after = gc.mem_alloc()
    gc.enable()
    return after - before
