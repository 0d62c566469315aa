"""The tables, one file a concern; data_layer/database/schema.py offers them together."""
