"""Reports on the whole lake. They hold names, forms and counts of persons, never a cell."""
