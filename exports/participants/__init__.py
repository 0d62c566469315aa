"""Who took part, by pseudonym."""
