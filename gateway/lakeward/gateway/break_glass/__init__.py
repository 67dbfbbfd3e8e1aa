"""Emergency access: asked for with a reason, effective at once, told to others, over by itself, reviewed.

The policy documents say by a grant with `break_glass` who may have what, and for how long at most; without a
request such a grant shows nothing. This package keeps the requests. It decides nothing: `policies` does, from
the requests that count.
"""
