"""The way in, and out: names, codes, links, passwords, and the cookie that keeps somebody in."""
