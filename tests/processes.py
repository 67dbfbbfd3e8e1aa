"""Processes of their own, forked from one that has loaded the libraries and opened nothing.

A spawned one would load them again: more than a second, where a test asks for four of them.
"""

import multiprocessing

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["pytest", "lakeward.catalog.ingest.write", "lakeward.gateway.service"])
