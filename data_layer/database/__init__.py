"""The ground: connections, tables, types, ids, order, files."""
