// An adversary that makes as many additions as the thresholds let pass, in units of lambda.

function explore(root, data) {
  const ui = panel(root, data.title),
    width = 400,
    height = 300,
    stage = ui.stage(width, height);
  const power = {of: (v) => 10 ** v, to: Math.log10};
  const alpha = ui.slider("alpha", "α / λ", [-3, 0, 0.05], data.alpha, power);
  const tau = ui.slider("tau", "τ", [-1, 1, 0.05], data.tau, power);
  const start = ui.slider("start", "η / λ at the start", [0, 0.99, 0.01], data.start);
  const generous = ui.slider("times", "each gain, in units of the least", [1, 3, 0.05], 1);
  ui.button("Start again", () => {
    alpha.value = data.alpha;
    tau.value = data.tau;
    start.value = data.start;
    generous.value = 1;
  });
  const count = ui.number("count", "additions"),
    bound = ui.number("bound", "Theorem 3.1: fewer than");
  const last = ui.number("last", "η / λ at the end"),
    next = ui.number("next", "least gain of one more");
  const least = (eta) => Math.max(alpha.value, tau.value * eta) * (1 + 1e-9); // just enough to pass
  ui.drawn(() => {
    const etas = [start.value];
    let gain = least(start.value);
    while (etas[etas.length - 1] + generous.value * gain <= 1) {
      etas.push(etas[etas.length - 1] + generous.value * gain);
      gain = least(etas[etas.length - 1]);
    }
    const N = etas.length - 1,
      doublings = -Math.log(alpha.value) / Math.log1p(tau.value);
    const most = alpha.value >= 1 ? 1 : doublings + (start.value >= alpha.value ? 0 : 1);
    count(N);
    bound(most);
    last(etas[N]);
    next(gain);
    const low = Math.min(alpha.value, start.value || 1) / 2,
      far = Math.max(most, 2) + 0.5;
    const a = axes(width, height, [0, far], [low, 1.6], {
      xlabel: "additions at one moment",
      ylabel: "η in units of λ",
      logy: true,
    });
    let picture =
      `<path d="M${a.left} ${a.y(1)}H${a.right}" stroke="currentColor" stroke-width="2"/>` +
      words(a.right - 4, a.y(1) - 5, "λ", 'text-anchor="end"');
    const floor = range(Math.ceil(most) + 2).map((i) => [
      i,
      start.value >= alpha.value
        ? alpha.value * (1 + tau.value) ** i
        : alpha.value * (1 + tau.value) ** (i - 1),
    ]);
    picture += line(
      floor.filter(([i, v]) => v <= 1.6 && v >= low && i <= far).map(([i, v]) => [a.x(i), a.y(v)]),
      `stroke="${GREEN}" stroke-width="2" stroke-dasharray="6 4"`,
    );
    picture +=
      `<path d="M${a.x(most)} ${a.top}V${a.bottom}" stroke="${GREEN}" stroke-width="2"/>` +
      words(a.x(most) - 5, a.bottom - 8, "the bound", 'text-anchor="end"');
    const met = etas
      .map((eta, i) => [i, eta])
      .filter(([, eta]) => eta > 0)
      .map(([i, eta]) => [a.x(i), a.y(eta)]);
    picture +=
      line(met, `stroke="${RED}" stroke-width="1.5"`) +
      met.map(([x, y]) => circle(x, y, 4, `fill="${RED}"`)).join("");
    stage(`${N} additions, fewer than ${short(most)}`, picture + a.markup);
    const told =
      etas.length > 9
        ? [...etas.slice(0, 4).map((v) => short(v)), "…", ...etas.slice(-4).map((v) => short(v))]
        : etas.map((v) => short(v));
    ui.say(
      `η: ${told.join(", ")}. One more would reach ${short(etas[N] + generous.value * gain)} λ, and nothing exceeds λ.\n` +
        "Dashed: what η must exceed, by line 3 of the proof.",
    );
  });
}
