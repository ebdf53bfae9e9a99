"""Vectors of three integers, worked on in place; unit vectors have the length 16384. No allocation."""

from micropython import const

UNIT = const(16384)


def dot(a, b):
    """Scalar product of a vector of at most 16 bits with a unit vector."""
    return (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) >> 14


def cross(a, b, into):
    """Vector product of two unit vectors."""
    into[0] = (a[1] * b[2] - a[2] * b[1]) >> 14
    into[1] = (a[2] * b[0] - a[0] * b[2]) >> 14
    into[2] = (a[0] * b[1] - a[1] * b[0]) >> 14


def copy(a, into):
    """Copy a vector."""
    into[0], into[1], into[2] = a[0], a[1], a[2]


def unit(vector):
    """Make `vector` a unit vector; False, and nothing done, where it is zero."""
    largest = max(abs(vector[0]), abs(vector[1]), abs(vector[2]))
    if not largest:
        return False
    # Squares of 14 bits add up to less than 2^30.
    while largest >= UNIT:
        largest >>= 1
        for k in range(3):
            vector[k] >>= 1
    while largest < UNIT >> 1:
        largest <<= 1
        for k in range(3):
            vector[k] <<= 1
    length = root(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2])
    for k in range(3):
        vector[k] = vector[k] * UNIT // length
    return True


def root(square):
    """Integer square root, rounded down, of 1 to 3 * 2^28."""
    guess = 28378
    while guess * guess > square:
        guess = (guess + square // guess) >> 1
    return guess
