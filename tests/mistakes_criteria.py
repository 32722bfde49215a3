"""Mistakes in the criteria of the literature: metrics, residuals, squares and signs."""

from mistakes import in_file

CRITERIA = [
    *in_file(
        "growth/criteria/natural_gradmax.py",
        ("natural GradMax: G for its inverse root",
         "moment(left, place.g_r) @ root,",
         "moment(left, place.g_r) @ place.G,",
         "test_criteria.py::test_natural_gradmax_opens_what_it_scores_and_what_its_dual_linear_unit_brings"),
        ("natural GradMax: all of the inputs, not what a_c leaves of them",
         "basis(place.inputs, after=place.q)", "basis(place.inputs)",
         "test_criteria.py::test_natural_gradmax_is_a_dense_projection"),
    ),
    *in_file(
        "growth/criteria/gradmax.py",
        ("GradMax: the singular value for its square",
         "((slope * s[:k]) ** 2).sum()", "(slope * s[:k]).sum()",
         "test_criteria.py::test_gradmax_s_gradient_by_finite_differences"),
        ("GradMax: the residual for the gradient",
         "moment(place.inputs, place.g), full", "moment(place.inputs, place.g_r), full",
         "test_criteria.py::test_gradmax_s_gradient_by_finite_differences"),
    ),
    *in_file(
        "growth/criteria/tiny.py",
        ("TINY: g where g_r is meant, and g_r where g is",
         "place.g_r if self.projected", "place.g if self.projected",
         "test_criteria.py::test_tiny_is_the_bound_of_its_linear_feature_and_no_other_has_more"),
        ("TINY: an ascent", "svd(-moment(q, target)", "svd(moment(q, target)",
         "test_criteria.py::test_tiny_s_score_is_the_first_order_fall_of_the_loss_where_a_has_converged"),
    ),
    *in_file(
        "growth/criteria/splitting.py",
        ("splitting: the eigenvalue, not its opposite",
         "-float(lowest[i, 0])", "float(lowest[i, 0])",
         "test_criteria.py::test_splitting_moves_the_loss_by_half_of_eps_squared_lambda"),
    ),
    *in_file(
        "growth/criteria/nest.py",
        ("NeST: a pair that climbs", "o[j] -= r", "o[j] += r",
         "test_criteria.py::test_a_pair_of_nest_descends"),
    ),
    *in_file(
        "growth/criteria/north.py",
        ("NORTH: what is left, without the square", "q, a_p) ** 2).mean", "q, a_p)).mean",
         "test_criteria.py::test_north_s_score_is_one_less_r_squared_the_factor_of_the_bound"),
    ),
    *in_file(
        "growth/criteria/cascade.py",
        ("cascade-correlation: errors that are not centred",
         "centred = g - g.mean(axis=0)", "centred = g",
         "test_criteria.py::test_cascade_correlation_sees_the_residual_where_outputs_are_converged"),
    ),
]  # fmt: skip
