"""What is said of an answer, and the slips that its numbers give away."""

from dataclasses import dataclass

import numpy as np

ROUNDING = 1e-12  # what is less is 0
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True)
class Answer:
    """A verdict: true where the answer is right; shown as its sentence.

    Parameters
    ----------
    right : bool
    text : str
    """

    right: bool
    text: str

    def __bool__(self):
        return self.right

    def __repr__(self):
        return self.text


def agree(value, answer, rtol):
    """Whether two values are the same: to a tolerance relative to the answer's largest entry.

    An answer that is 0 but for rounding is met by 0.
    """
    if isinstance(answer, str):
        return isinstance(value, str) and value.strip().lower() == answer.lower()
    value, answer = as_given(value), np.asarray(answer)
    if value.shape != answer.shape or value.dtype.kind not in "biuf":
        return False
    scale = float(np.abs(answer).max(initial=0.0))
    return bool(np.allclose(value, answer, rtol=0, atol=rtol * (scale if scale > ROUNDING else 1)))


def as_given(value):
    """A value as an array; one that holds nothing if its rows differ in length."""
    try:
        return np.asarray(value)
    except ValueError:
        return np.asarray(None)


def slip(value, answer, samples, rtol):
    """The slip that leads from an answer to a value, in words; empty if it is none of the usual.

    Parameters
    ----------
    value, answer : number or array
    samples : int or None
        N, by which answers are off whose mean was taken for a sum.
    rtol : float
    """
    value, answer = np.asarray(value, dtype=float), np.asarray(answer, dtype=float)
    if not np.isfinite(value).all():
        return "it holds what is not a finite number"
    if value.shape != answer.shape:
        return slip_of_shape(value, answer, rtol)
    slips = {"its sign is turned round": -answer, "it is twice too large": 2 * answer,
             "it is half of what it should be": answer / 2}  # fmt: skip
    if samples:
        slips |= {
            f"it is {samples} = N times too large: a sum where a mean is asked for": samples
            * answer,
            f"it is {samples} = N times too small: divided by N once too often": answer / samples,
        }
    if (answer > 0).all():
        slips |= {"it is the square of what is asked for": answer**2,
                  "it is the square root of what is asked for": answer**0.5}  # fmt: skip
    if answer.ndim == 2 and answer.shape[0] == answer.shape[1]:
        slips["it is transposed"] = answer.T
    if answer.ndim and agree(np.sort(value, None), np.sort(answer, None), rtol):
        slips["its entries are right, their order is not"] = value
    for text, wrong in slips.items():
        if agree(value, wrong, rtol) and not agree(value, answer, rtol):
            return text
    return ""


def slip_of_shape(value, answer, rtol):
    """What is wrong with a value of another shape than the answer's."""
    told = f"its shape is {value.shape}, expected {answer.shape}"
    if agree(value.T, answer, rtol):
        return told + ": it is transposed"
    if value.size == answer.size and agree(value.reshape(answer.shape), answer, rtol):
        return told + ": the numbers are right"
    return told
