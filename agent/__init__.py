"""Who answers: one file a kind, behind one small protocol."""
