"""The formats of an export: each writes the same batches, and reads them back unchanged."""
