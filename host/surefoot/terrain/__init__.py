"""The ground of a run: a route laid along the recording, grade, climbs and descents."""
