"""What a customer wants next: candidate items, lists under a shop's rules, launches among them, and tests of the lists.

It may import `launch`, whose model predicts who buys a product without a sale, and everything above that.
"""
