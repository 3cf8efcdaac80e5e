"""Who buys a product that nobody has bought yet: past launches, the model fitted on them, its calibration, audiences.

May import the ground (`errors`, `schema`, `engine`, `progress`), `storage`, `metrics`, `tables`, `shop`, `features` and
`models`. The packages import each other in this order: `calibration`, `model`, `audience`, `backtest`, `classify`.
"""
