"""Each landing in numbers: shock, reach, braking, steadiness."""
