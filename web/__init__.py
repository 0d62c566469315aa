"""What the participants' page and the researchers' room share as pages of the web. No chainlit.

Of a page: `pages` (templates, policy, headers), `colours`, `markdown` (`formulas`, `mathml`), `numbers`.
Of an answer: `problem` and `problem_page`, `files` and `file_names`, `sse`, `background`.
Of who asks: `origin`, `rate_limit`. Of the socket: `socket_events`.
Of where we are found: `public_url`, `addresses`, `below`.
"""
