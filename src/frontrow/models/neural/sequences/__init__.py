"""What comes next: GRU4Rec, SASRec and BERT4Rec over each customer's orders by time, sharing all but the network."""
