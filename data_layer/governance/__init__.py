"""Withdrawals and what they erase, the study's state, exports made."""
