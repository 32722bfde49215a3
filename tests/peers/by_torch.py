"""Derivatives, Fishers and Kronecker factors by torch alone: the other side of ours."""

import torch
from cases import places, twin


def of_theta(module):
    """A function (theta, X) of the module's flat parameters (P,), and these parameters."""
    names, shapes = zip(*((name, p.shape) for name, p in module.named_parameters()), strict=True)
    sizes = [shape.numel() for shape in shapes]

    def outputs(theta, X):
        parts = zip(names, theta.split(sizes), shapes, strict=True)
        return torch.func.functional_call(module, {n: p.reshape(s) for n, p, s in parts}, (X,))

    return outputs, torch.cat([p.detach().ravel() for p in module.parameters()])


def output_metric(case, y, kind):
    """M (N, m, m) of the outputs y (N, m), by torch's own derivatives of its own losses."""
    t, m = case.data[1], case.outputs
    if kind == "euclidean":
        return torch.eye(m).expand(len(y), m, m)

    def of_one(y_n, t_n):
        return case.scale * case.torch_loss(y_n[None], t_n[None])

    if kind == "true":
        return torch.func.vmap(torch.func.hessian(of_one))(y, t)
    g = torch.func.vmap(torch.func.grad(of_one))(y, t)
    return g[:, :, None] * g[:, None, :]


def theirs(case, learned=True):
    """(theta, X) -> outputs, theta (P,) and the places of its entries in our flat vector."""
    outputs, theta = of_theta(twin(case.net, learned))
    return outputs, theta, places(case.net, learned)


def dense(case, kind):
    """F (P, P) in torch's order, and the outputs, from torch alone."""
    outputs, theta, _ = theirs(case)
    X = case.data[0]
    J, y = torch.func.jacrev(outputs)(theta, X), outputs(theta, X)
    M = output_metric(case, y, kind)
    return torch.einsum("nop,nok,nkq->pq", J, M, J) / len(X)


def inside(module, X):
    """Inputs and outputs of every linear layer of the module."""
    inputs, outputs = [], []
    for layer in module:
        if isinstance(layer, torch.nn.Linear):
            inputs.append(torch.cat([X, torch.ones(len(X), 1)], 1))
            X = layer(X)
            outputs.append(X)
        else:
            X = layer(X)
    return inputs, outputs


def factors(case, kind):
    """A and G of every layer, from torch alone."""
    inputs, z = inside(twin(case.net), case.data[0])
    y, M = z[-1], output_metric(case, z[-1].detach(), kind)
    rows = [torch.autograd.grad(y[:, o].sum(), z, retain_graph=True) for o in range(y.shape[1])]
    D = [torch.stack(of_layer) for of_layer in zip(*rows, strict=True)]
    A = [a.T @ a / len(a) for a in inputs]
    return A, [torch.einsum("oni,nop,pnj->ij", d, M, d) / len(y) for d in D]
