"""Mistakes in the guide to a record, and in the studies of settings.

What a patch replaces stands in its file exactly once.
"""

from mistakes import in_file

GUIDE, OF_SETTINGS = "test_diagnosis.py::", "test_studies_of_settings.py::"

STUDIED = [
    *in_file(
        "training/signs.py",
        ("guide: every jump is put to a layer, however long ago that was added",
         "0 < epoch - a[\"epoch\"] <= FROM_ADDITION",
         "0 < epoch - a[\"epoch\"]",
         f"{GUIDE}test_a_jump_long_after_it_is_not_and_one_that_is_made_good_is_none"),
    ),
    *in_file(
        "studies/curvature.py",
        ("study of curvature: one-sided differences of half the length",
         "- gradient(theta - step * unit)) / (2 * step)",
         "- gradient(theta)) / (2 * step)",
         f"{OF_SETTINGS}test_the_hessian_is_that_of_second_differences_of_the_loss"),
    ),
    *in_file(
        "studies/approximations.py",
        ("study of approximations: the diagonal score from what the inputs explain already",
         "left = residual(place.q, activations(place, change))",
         "left = activations(place, change)",
         f"{OF_SETTINGS}test_the_diagonal_score_of_one_neuron_before_one_output_is_exact"),
    ),
    *in_file(
        "studies/pruning.py",
        ("study of removal: every removal with an addition anywhere after it thrashes",
         "0 <= epoch - gone <= COOLDOWN",
         "0 <= epoch - gone",
         f"{OF_SETTINGS}test_a_removal_thrashes_if_an_addition_follows_within_a_cooldown"),
    ),
    *in_file(
        "studies/sensitivity.py",
        ("study of settings: the best cell is chosen on the seed that it is judged on",
         'if row["seed"] != seed], "x", "y")',
         'if row["seed"] == seed], "x", "y")',
         f"{OF_SETTINGS}test_what_the_default_loses_is_told_by_a_cell_that_other_seeds_chose"),
        ("study of settings: a task on which nothing grows is judged as the others",
         "if 2 * grown(rows) <= len(rows):",
         "if grown(rows) < 0:",
         f"{OF_SETTINGS}test_a_default_is_judged_on_each_task_that_grows_and_on_no_other"),
    ),
]  # fmt: skip
