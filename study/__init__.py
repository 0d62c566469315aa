"""The domain: words, the study file and its rules, in plain Python."""
