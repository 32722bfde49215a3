"""What the network can change: Fisher matrices, Kronecker factors, natural gradient."""
