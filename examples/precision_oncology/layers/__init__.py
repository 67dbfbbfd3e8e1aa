"""The steps of the pipeline by layer: what is read, what is written, where each column comes from.

Every write is a step of `lakeward.gateway.steps`, every read goes through the gateway. Must not compute: what
is done to the data stands in `sql/` and `steps/`.
"""
