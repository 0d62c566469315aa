"""What a study with a protocol reports: flow, methods and checklists, as far as the record says them."""
