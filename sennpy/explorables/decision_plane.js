// Candidates in the plane of the two thresholds while their layer trains: eta decays, gains stay.

function explore(root, data) {
  const {eta, rest, gains, h, steps} = data,
    names = Object.keys(gains),
    colours = [BLUE, RED, PURPLE];
  const ui = panel(root, data.title),
    width = 400,
    height = 340;
  const stage = ui.stage(width, height);
  const power = {of: (v) => 10 ** v, to: Math.log10};
  const tau = ui.slider("tau", "τ: least gain in units of η", [-1, 1, 0.05], data.tau, power);
  const alpha = ui.slider("alpha", "α: least gain in units of λ", [0, 0.6, 0.01], data.alpha);
  const step = ui.slider("step", "training steps", [0, steps, 1], 0);
  ui.button("Train one step", () => {
    step.value = Math.min(step.value + 1, steps);
  });
  ui.button("Train ten steps", () => {
    step.value = Math.min(step.value + 10, steps);
  });
  ui.button("Start again", () => {
    step.value = 0;
  });
  const shownEta = ui.number("eta", "η"),
    shownLambda = ui.number("lambda", "λ");
  const shown = names.map((name, i) => {
    ui.row(`${name}:`);
    return [
      ui.number(`ratio${i}`, "Δη / η"),
      ui.number(`share${i}`, "Δη / λ"),
      ui.number(`first${i}`, "passes from step", (v) => (v < 0 ? "never" : String(v))),
    ];
  });
  const etaAt = (k) => (1 - h) ** (2 * k) * eta;
  const place = (k, gain) => [etaAt(k) / (rest + etaAt(k)), gain / (rest + etaAt(k))];
  const passes = (k, gain) => gain / etaAt(k) > tau.value && gain / (rest + etaAt(k)) > alpha.value;
  const first = (gain) => {
    // both are passed once eta is below a limit
    const limit = Math.min(gain / tau.value, gain / alpha.value - rest);
    return limit <= 0
      ? -1
      : Math.max(0, Math.floor(Math.log(limit / eta) / (2 * Math.log(1 - h))) + 1);
  };
  ui.drawn(() => {
    const k = step.value,
      a = axes(width, height, [0, 1], [0, 1], {
        xlabel: "η / λ: what training can still do",
        ylabel: "Δη / λ: what the addition brings",
      });
    const at = (points) =>
      points.map(([x, y]) => `${a.x(x).toFixed(1)},${a.y(y).toFixed(1)}`).join(" ");
    const end = 1 / (1 + tau.value),
      low = Math.min(alpha.value / tau.value, 1 - alpha.value);
    const region =
      alpha.value / tau.value < 1 - alpha.value
        ? [
            [0, alpha.value],
            [low, alpha.value],
            [end, tau.value * end],
            [0, 1],
          ]
        : [
            [0, alpha.value],
            [1 - alpha.value, alpha.value],
            [0, 1],
          ];
    let picture = `<polygon points="${at(region)}" fill="${GREEN}" fill-opacity="0.25"/>`;
    picture += `<polygon points="${at([
      [0, 1],
      [1, 0],
      [1, 1],
    ])}" fill="currentColor" fill-opacity="0.12"/>`;
    picture += `<polyline points="${at([
      [0, 0],
      [end, tau.value * end],
    ])}" fill="none" stroke="${GREEN}" stroke-width="2"/>`;
    picture += `<path d="M${a.left} ${a.y(alpha.value)}H${a.right}" stroke="${GREEN}" stroke-width="2" stroke-dasharray="6 4"/>`;
    picture +=
      words(a.left + 12, a.y(0.86), "add") +
      words(a.right - 8, a.top + 14, "more than λ: impossible", 'text-anchor="end"');
    picture += words(a.x(0.72), a.y(0.06), "train on", 'text-anchor="middle"');
    names.forEach((name, i) => {
      const path = range(steps + 1).map((j) => place(j, gains[name])),
        [x, y] = path[k];
      picture += `<polyline points="${at(path)}" fill="none" stroke="${colours[i]}" stroke-width="1.5"/>`;
      picture += circle(
        a.x(x),
        a.y(y),
        7,
        `fill="${passes(k, gains[name]) ? colours[i] : "none"}" stroke="${colours[i]}" stroke-width="3"`,
      );
      picture +=
        circle(a.right - 142, a.y(0.84 - 0.08 * i) - 4, 5, `fill="${colours[i]}"`) +
        words(a.right - 132, a.y(0.84 - 0.08 * i), name);
    });
    stage(`The plane of decisions after ${k} steps`, picture + a.markup);
    shownEta(etaAt(k));
    shownLambda(rest + etaAt(k));
    names.forEach((name, i) => {
      shown[i][0](gains[name] / etaAt(k));
      shown[i][1](gains[name] / (rest + etaAt(k)));
      shown[i][2](first(gains[name]));
    });
    ui.say(
      names
        .map((name) => {
          const misses = [
            ...(gains[name] / etaAt(k) > tau.value ? [] : ["τ: train on"]),
            ...(gains[name] / (rest + etaAt(k)) > alpha.value ? [] : ["α: too little"]),
          ];
          return `${name}: ${misses.length ? `misses ${misses.join(", and ")}` : "passes both; add it"}.`;
        })
        .join("\n"),
    );
  });
}
