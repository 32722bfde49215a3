"""Mistakes in what is compiled; each makes the kernels anew, which takes its seconds."""

from mistakes import in_file

KERNELS = [
    *in_file(
        "kernels/eigen.py",
        ("kernel: whitening with a cut of its own",
         "if unit_S[m, m] > cutoff * largest:",
         "if unit_S[m, m] > 1e-9 * largest:",
         "test_kernel_edges.py::test_whitening_counts_directions_from_the_cut_on_and_not_below"),
        ("kernel: the smallest direction for the top one",
         "if M[m, m] > M[top, top]:",
         "if M[m, m] < M[top, top]:",
         "test_kernels.py::test_profiled_bounds_equal_the_twins"),
    ),
    *in_file(
        "kernels/inverse.py",
        ("kernel: Gauss-Jordan without pivots",
         "if abs(left[i, k]) > abs(left[pivot, k]):",
         "if False:",
         "test_kernel_edges.py::test_an_inverse_needs_its_pivots"),
    ),
    *in_file(
        "kernels/neurons.py",
        ("kernel: the second coefficient is the first",
         "v[c] * (2 * z_i[c] * w_i[c]) + b[c] * w_i[c] + l[c] * z_i[c]",
         "v[c] * (2 * z_i[c] * w_i[c]) + v[c] * w_i[c] + l[c] * z_i[c]",
         "test_kernel_edges.py::test_the_neurons_of_the_kernels_are_the_network_s"),
    ),
    *in_file(
        "kernels/layers.py",
        ("kernel: a layer's waves of half their height",
         "odd[c] = 2 * z[c] * even[c]",
         "odd[c] = z[c] * even[c]",
         "test_kernel_edges.py::test_the_features_of_the_kernels_are_the_network_s_basis"),
    ),
    *in_file(
        "kernels/langevin.py",
        ("kernel: one chain fewer goes on",
         "        if moves[c]:\n            accepted += 1",
         "        if moves[c] and c < C - 1:\n            accepted += 1",
         "test_kernel_edges.py::test_around_the_size_of_a_block_every_chain_goes_on"),
    ),
]  # fmt: skip
