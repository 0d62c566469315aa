"""What stands around Chainlit's own routes and page: who asks, what no request may be, what the page is."""
