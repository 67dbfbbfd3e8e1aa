"""The one door: sessions, the way of a query, engines, limits.

Every query and every pipeline step goes through here, whatever client it comes from. Must not decide
(policies do), keep state of one principal for another, let an engine's error text out, or print.
"""
