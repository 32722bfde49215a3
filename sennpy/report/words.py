"""Why here, and why not there: what a look says of each place, in words and in what was asked."""

CALLED = {"neuron": "a neuron in layer {}", "layer": "a layer before layer {}"}
LEFT = {  # rules that accept what is left above 0, and in which unit
    "HonestLook": "nats",
    "InformationCriterion": "nats",
    "PermutationNull": "of the loss",
    "HeldOut": "of the loss",
}
BETTER = "another passes with a higher score"  # as `look` has it on record
MUTE = "even the supremum is too low"  # as the rules have it


def number(value, digits=3):
    """A number in words, with a minus as in print."""
    if value is None:
        return "none"
    shown, mark, power = f"{value:.{digits}g}".partition("e")
    told = f"{shown}e{int(power)}" if mark else shown
    return told.replace("-", "−")


def called(candidate):
    """A place in words."""
    told = CALLED.get(candidate["kind"], f"a {candidate['kind']} at layer {{}}")
    return told.format(candidate["place"])


def asked(candidate, look):
    """(threshold, margin, unit) that a candidate's score was held against.

    A threshold of (E13) is the larger of tau eta_l and alpha lambda, and the margin how many times
    it the score is. A rule that goes by what is left asks for more than 0, and the margin is what
    is left. None where the rule is another, or there is no score.
    """
    rule, score = look["acceptance"], candidate["score"]
    if "tau" in rule and "alpha" in rule:
        if candidate["eta_layer"] is None:
            return None, None, "times"
        least = max(rule["tau"] * candidate["eta_layer"], rule["alpha"] * look["lam"])
        return least, score / least if score is not None and least > 0 else None, "times"
    unit = LEFT.get(rule["class"])
    return (None if unit is None else 0.0), (None if unit is None else score), unit or ""


def sentence(candidate, look):
    """What became of one candidate of a look, and why."""
    where = called(candidate)
    return where[0].upper() + where[1:] + ": " + said(candidate, look) + "."


def said(candidate, look):
    """The rest of the sentence."""
    reason = candidate["reason"].rstrip(".")
    if candidate["supremum"] is None:
        return f"closed; {reason}"
    if candidate["score"] is None:
        most = number(candidate["supremum"])
        if MUTE in reason:
            return f"nothing was looked for, since nothing could bring more than {most}; {reason}"
        return f"of at most {most} that could be had, nothing came before the rule; {reason}"
    how = measured(candidate, look)
    if candidate["chosen"]:
        return f"added. {how} {over_others(candidate, look)}"
    if reason == BETTER:
        best = next(c for c in look["candidates"] if c["chosen"])
        return (
            f"it passes, but {called(best)} has more, {number(best['score'])} against "
            f"{number(candidate['score'])}. {how}".rstrip(".")
        )
    return f"no. {how} {missed(candidate, look)}"


def measured(candidate, look):
    """What it brings, and what of that counts."""
    told = f"It brings {number(candidate['exact'])} (the bound sees {number(candidate['bound'])})"
    if candidate["dense"] is not None:
        told += f", {number(candidate['dense'])} in the whole network's score"
    if candidate.get("honest") is not None:
        error = number(candidate["error"], 1)
        told += f"; held-out samples gain {number(candidate['honest'])} ± {error} in the mean"
    if candidate["ratio"] is not None and "tau" in look["acceptance"]:
        counts = f"counts {number(candidate['score'])}"
        if candidate["score"] == candidate["exact"]:
            counts = "counts whole"
        told += (
            f"; it {counts}, {number(candidate['ratio'])} times what its receiving layer has "
            f"and {number(candidate['share'])} of λ"
        )
    return told + "."


def over_others(candidate, look):
    """Why this one and no other."""
    passing = [c for c in look["candidates"] if c["reason"] == BETTER]
    if not passing:
        return "No other place passes"
    second = max(passing, key=lambda c: c["score"])
    return f"{called(second)} passes, too, but has only {number(second['score'])}".capitalize()


def missed(candidate, look):
    """Which condition it misses, by how much."""
    rule, misses = look["acceptance"], []
    if "tau" in rule and candidate["ratio"] is not None:
        if not candidate["ratio"] > rule["tau"]:
            misses.append(f"τ asks for more than {number(rule['tau'])} times that layer's score")
        if not candidate["share"] > rule["alpha"]:
            misses.append(f"α asks for more than {number(rule['alpha'])} of λ")
    if misses:
        return "Too low: " + ", and ".join(misses)
    reason = candidate["reason"].rstrip(".")
    return f"The rule says: {reason or 'no'}"


def summary(look, count):
    """A look in a sentence: which place grew, or that none did."""
    chosen = [c for c in look["candidates"] if c["chosen"]]
    places = f"{count} place{'s' * (count != 1)}"
    if chosen:
        return f"Of {places}, {called(chosen[0])} is added."
    if all(c["supremum"] is None for c in look["candidates"]):
        return f"Nothing is added: {places}, and none that is open."
    return f"Nothing is added: {places}, and none passes."
