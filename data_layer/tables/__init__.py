"""The tables, one file a concern; data_layer/schema.py offers them together."""
