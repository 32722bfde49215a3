"""The network by hand: activations, losses, the multi-layer perceptron."""
