"""What the participant does, stage by stage. For now: they chat."""
