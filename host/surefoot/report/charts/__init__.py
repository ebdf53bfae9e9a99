"""The report's charts: one module each, drawn with matplotlib and returned as inline SVG with alternative text."""
