"""Where the work on a shop's order lines is done: on this machine or on a cluster, block by block, to the same bits."""
