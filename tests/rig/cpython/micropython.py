"""What firmware modules import from `micropython`, for running them under CPython."""


def const(value):
    return value


def schedule(function, argument):
    function(argument)
