"""The one writer: what is written, the journal, and how a batch becomes rows."""
