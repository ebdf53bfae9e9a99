"""Axes of the shin in the sensor, learnt from how it moves: one lesson per stride. Integers, no allocation."""

from array import array

from micropython import const

from pod.gait.vector import UNIT, copy, cross, dot, unit

# Over a running stride the mean force leans back from the shin by 28.5 degrees: 25.5 to 31 in three runners.
_LEAN_COS = const(14398)
_LEAN_SIN = const(7818)
_COS_30_DEG = const(14189)
# Squares of 1/64 g and of 2 deg/s: 0.12 g on each axis, and 35 deg/s of which a bias may be a part.
_STILL_FORCE = const(177)
_STILL_RATE = const(306)
# So many strides in a row that are none of running, and the pod may sit otherwise.
_LOST = const(8)
# Strides over which is averaged: hills must not turn the axes, a strap that slips must.
_LONG = const(64)


class Axes:
    """Unit vectors in sensor axes: `right`, about which the leg swings forward, and `up` along the shin.

    `hinge` (of 1024) tells how much of the rotation is about `right`; 0 until something has turned.
    `seen` counts the samples of the lesson that goes on.
    """

    def __init__(self):
        self.right = array("i", (0, 0, UNIT))
        self.up = array("i", (0, UNIT, 0))
        # Mean forces, in 1/32 count.
        self._running = array("i", (0, 0, 0))
        self._standing = array("i", (0, 0, 0))
        # Mean products of rates about x y z: xx yy zz xy xz yz, in squares of 2 deg/s.
        self._moment = array("i", (0, 0, 0, 0, 0, 0))
        self._a = array("i", (0, 0, 0))
        self._b = array("i", (0, 0, 0))
        self.forget()

    def forget(self):
        """Start anew: the pod may sit otherwise."""
        self.hinge = self._forward = self._strides = self._stood = self._odd = 0
        self.skip()

    def skip(self):
        """Begin a new lesson; what was seen of this one is dropped."""
        self.seen = self._x = self._y = self._z = self._square = 0
        self._xx = self._yy = self._zz = self._xy = self._xz = self._yz = 0
        self._ahead_x = self._ahead_y = self._ahead_z = 0

    def see(self, x, y, z, gx, gy, gz):
        """One sample: raw counts of force and rate. At most 300 to a lesson, or sums pass 30 bits."""
        self.seen += 1
        self._x += x
        self._y += y
        self._z += z
        x >>= 5
        y >>= 5
        z >>= 5
        self._square += x * x + y * y + z * z
        gx >>= 5
        gy >>= 5
        gz >>= 5
        xx, yy, zz = gx * gx, gy * gy, gz * gz
        self._xx += xx
        self._yy += yy
        self._zz += zz
        self._xy += gx * gy
        self._xz += gx * gz
        self._yz += gy * gz
        fast = (xx + yy + zz) >> 10
        self._ahead_x += fast * (gx >> 2)
        self._ahead_y += fast * (gy >> 2)
        self._ahead_z += fast * (gz >> 2)

    def shaking(self):
        """Variance of the force in this lesson, in squares of 1/64 g."""
        n = self.seen
        x, y, z = self._x // n >> 5, self._y // n >> 5, self._z // n >> 5
        return self._square // n - x * x - y * y - z * z

    def learn(self, running):
        """End a lesson: a stride, or some time without one, which may be standing."""
        n = self.seen
        if self.shaking() < _STILL_FORCE and (self._xx + self._yy + self._zz) // n < _STILL_RATE:
            self._stood = min(self._stood + 1, 4)
            self._blend_force(self._standing, self._stood)
        else:
            self._odd = 0 if running else self._odd + 1
            if self._odd > _LOST:
                self._strides = 0
            if running or not self._strides:
                # Before there is running the newest lesson counts alone.
                self._strides = min(self._strides + 1, _LONG) if running else 0
                weight = max(self._strides, 1)
                self._blend_moment(n, weight)
                self._blend_force(self._running, weight)
                self._find_right(weight)
                self._find_forward(n, weight)
                self._find_up()
        self.skip()

    def _blend_force(self, mean, weight):
        n = self.seen
        mean[0] += (self._x // n * 32 - mean[0]) // weight
        mean[1] += (self._y // n * 32 - mean[1]) // weight
        mean[2] += (self._z // n * 32 - mean[2]) // weight

    def _blend_moment(self, n, weight):
        m = self._moment
        m[0] += (self._xx // n - m[0]) // weight
        m[1] += (self._yy // n - m[1]) // weight
        m[2] += (self._zz // n - m[2]) // weight
        m[3] += (self._xy // n - m[3]) // weight
        m[4] += (self._xz // n - m[4]) // weight
        m[5] += (self._yz // n - m[5]) // weight

    def _find_right(self, weight):
        """Principal axis of the rotation, by the power method."""
        m, right, turned = self._moment, self.right, self._a
        if weight == 1:
            most = 0 if m[0] >= m[1] and m[0] >= m[2] else 1 if m[1] >= m[2] else 2
            for k in range(3):
                right[k] = UNIT if k == most else 0
        whole = m[0] + m[1] + m[2]
        scale = 0
        while whole >> scale >= UNIT:
            scale += 1
        along = 0
        for _ in range(8 if weight == 1 else 2):
            x, y, z = right[0], right[1], right[2]
            turned[0] = ((m[0] >> scale) * x + (m[3] >> scale) * y + (m[4] >> scale) * z) >> 14
            turned[1] = ((m[3] >> scale) * x + (m[1] >> scale) * y + (m[5] >> scale) * z) >> 14
            turned[2] = ((m[4] >> scale) * x + (m[5] >> scale) * y + (m[2] >> scale) * z) >> 14
            along = dot(turned, right)
            if unit(turned):
                copy(turned, right)
        self.hinge = along * 1024 // ((whole >> scale) + 1)

    def _find_forward(self, n, weight):
        """Turn `right` so that the fast sweep is forward: the leg comes back in two slower ones (third moment)."""
        ahead, right = self._a, self.right
        ahead[0], ahead[1], ahead[2] = self._ahead_x // n, self._ahead_y // n, self._ahead_z // n
        unit(ahead)
        self._forward += (dot(ahead, right) - self._forward) // weight
        if self._forward < 0:
            self._forward = -self._forward
            for k in range(3):
                right[k] = -right[k]

    def _find_up(self):
        """From standing where it fits, else from the mean force of running, which leans back by a known angle."""
        up, force, ahead = self.up, self._a, self._b
        copy(self._running, force)
        if unit(force):
            cross(force, self.right, ahead)
            unit(ahead)
            for k in range(3):
                up[k] = (_LEAN_COS * force[k] + _LEAN_SIN * ahead[k]) >> 14
        copy(self._standing, force)
        if self._stood and unit(force) and dot(force, up) > _COS_30_DEG:
            copy(force, up)
