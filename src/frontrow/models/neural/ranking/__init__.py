"""What the neural rankers share: how numbers and categories go in, the networks, fitting, saving."""
