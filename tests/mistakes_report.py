"""Mistakes in the growth X-ray and in the callbacks: numbers and sentences that look as good.

A list for `mutations.py`. What a patch replaces stands in its file exactly once.
"""

from mistakes import in_file

REPORT, CALLBACKS = "test_report.py::", "test_callbacks.py::"

REPORT_MISTAKES = [
    *in_file(
        "report/words.py",
        (
            "report: the threshold is the smaller of the two",
            "least = max(rule",
            "least = min(rule",
            f"{REPORT}test_the_margin_is_above_one_where_both_thresholds_are_passed",
        ),
        (
            "report: alpha is asked for where it was reached",
            'if not candidate["share"] > rule["alpha"]',
            'if candidate["share"] > rule["alpha"]',
            f"{REPORT}test_the_margin_is_above_one_where_both_thresholds_are_passed",
        ),
        (
            "report: the second of those that pass is the weakest",
            "second = max(passing",
            "second = min(passing",
            f"{REPORT}test_a_sentence_says_why_here_and_why_not_there",
        ),
    ),
    *in_file(
        "report/births.py",
        (
            "report: a split neuron's twin is drawn as the youngest",
            "after = None if unit is None else numbers[unit]",
            "after = None",
            f"{REPORT}test_a_neuron_is_known_through_whatever_happens_around_it",
        ),
        (
            "report: the youngest goes, whoever was removed",
            "at = len(numbers) - count if unit is None else unit",
            "at = len(numbers) - count",
            f"{REPORT}test_a_neuron_is_known_through_whatever_happens_around_it",
        ),
        (
            "report: an inserted layer takes the number of the one that it stands before",
            "layers.insert(place, (column,",
            "layers.insert(place, (at,",
            f"{REPORT}test_a_neuron_is_known_through_whatever_happens_around_it",
        ),
    ),
    *in_file(
        "report/pictures.py",
        (
            "report: the plane is drawn with its axes exchanged",
            "np.column_stack([np.tile(x, size), np.repeat(y, size)])",
            "np.column_stack([np.repeat(x, size), np.tile(y, size)])",
            f"{REPORT}test_the_plane_is_what_the_network_decides",
        ),
        (
            "report: the bias counts as a weight of a neuron",
            "np.linalg.norm(W[:-1, j])",
            "np.linalg.norm(W[:, j])",
            f"{REPORT}test_stages_have_the_sizes_of_the_networks",
        ),
        (
            "report: neurons are worth what the one before them is",
            "for cost in costs[:-1]",
            "for cost in costs[1:]",
            f"{REPORT}test_a_neuron_is_worth_what_removing_it_costs",
        ),
    ),
    *in_file(
        "report/training.py",
        (
            "report: a look stands before the addition that it followed",
            '["together"] <= number',
            '["together"] < number',
            f"{REPORT}test_stages_have_the_sizes_of_the_networks",
        ),
    ),
    *in_file(
        "report/content.py",
        (
            "report: additions of an epoch are counted from all",
            '"count": told["together"]',
            '"count": len(found) + 1',
            f"{REPORT}test_additions_at_one_time_stand_beside_the_theorem",
        ),
        (
            "report: looks that added go first when looks are thinned",
            "added = evenly(added, most)",
            "added = []",
            f"{REPORT}test_looks_that_added_are_kept_before_others",
        ),
    ),
    *in_file(
        "training/callbacks.py",
        (
            "early stop: an equal loss counts as a fall",
            "record.validation_loss < self.best - self.least",
            "record.validation_loss <= self.best - self.least",
            f"{CALLBACKS}test_it_stops_when_the_validation_loss_has_not_fallen_for_so_long",
        ),
        (
            "callbacks: once one has asked, the others hear no more",
            "said = [callback(net, record) for callback in self.callbacks]",
            "said = (callback(net, record) for callback in self.callbacks)",
            f"{CALLBACKS}test_each_of_several_hears_of_every_record_and_one_is_enough_to_stop",
        ),
        (
            "log: what is written again stays in the log of before",
            'if told["epoch"] < record.epoch or',
            'if told["epoch"] <= record.epoch or',
            f"{CALLBACKS}test_a_log_goes_on_as_if_the_training_had_not_been_stopped",
        ),
    ),
]
