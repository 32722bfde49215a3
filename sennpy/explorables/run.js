// A training, look by look: what the network decides, its neurons, its scores, what was proposed.

function explore(root, data) {
  const {X, t, looks, epochs, tau, alpha} = data,
    ui = panel(root, data.title),
    width = 380,
    height = 300;
  const output = (net, point) =>
    net.weights.reduce((a, W, l) => {
      const z = plus(
        a.reduce(
          (s, v, i) => plus(s, W[i], v),
          W[0].map(() => 0),
        ),
        W[a.length],
      );
      return l < net.coefficients.length
        ? z.map((v, j) => rational(v, column(net.coefficients[l], j)))
        : z;
    }, point);
  const rational = (z, [v, c, l]) =>
    ((2 * v * z) / (1 + z * z) + c / (1 + z * z) + l * z) / Math.hypot(v, c, l);
  const softmax = (y) => {
    const e = y.map((v) => Math.exp(v - Math.max(...y)));
    return e.map((v) => v / sum(e));
  };
  const ends = [0, 1].map((j) => [
    Math.min(...column(X, j)) - 0.4,
    Math.max(...column(X, j)) + 0.4,
  ]);
  const edge = 'stroke="currentColor" stroke-width="0.6"',
    shade = [
      [0, 114, 178],
      [230, 159, 0],
    ],
    G = 80;
  const a = axes(width, height, ...ends, {xlabel: "x₁", ylabel: "x₂"});

  // Where it decides for which class, with the border, and the data.
  const regions = (net) => {
    const places = range(G).map((i) =>
      range(G).map((j) =>
        [0, 1].map((d) => ends[d][0] + (([j, i][d] + 0.5) / G) * (ends[d][1] - ends[d][0])),
      ),
    );
    const p = places.map((row) => row.map((point) => softmax(output(net, point))[1]));
    let picture = image(a, G, G, (i, j) => {
      const q = p[G - 1 - i][j];
      return [...shade[q > 0.5 ? 1 : 0], 255 * 0.9 * Math.abs(q - 0.5)];
    });
    let border = "";
    const cut = (i, j, k, l) => {
      // between two neighbours on two sides of one half
      const s = (0.5 - p[i][j]) / (p[k][l] - p[i][j]);
      return s >= 0 && s <= 1 && p[i][j] !== p[k][l]
        ? [plus(places[i][j], plus(places[k][l], places[i][j], -1), s)]
        : [];
    };
    for (let i = 0; i + 1 < G; i++)
      for (let j = 0; j + 1 < G; j++) {
        const met = [
          ...cut(i, j, i, j + 1),
          ...cut(i + 1, j, i + 1, j + 1),
          ...cut(i, j, i + 1, j),
          ...cut(i, j + 1, i + 1, j + 1),
        ];
        if (met.length >= 2)
          border += `M${a.x(met[0][0]).toFixed(1)} ${a.y(met[0][1]).toFixed(1)}L${a.x(met[1][0]).toFixed(1)} ${a.y(met[1][1]).toFixed(1)}`;
      }
    X.forEach(([u, v], n) => {
      const [x, y] = [a.x(u), a.y(v)];
      picture += t[n]
        ? `<path d="M${(x - 4).toFixed(1)} ${(y + 3.5).toFixed(1)}h8l-4 -7Z" fill="${GOLD}" ${edge}/>`
        : circle(x, y, 3, `fill="${BLUE}" ${edge}`);
    });
    return `${picture}<path d="${border}" fill="none" stroke="currentColor" stroke-width="2"/>${a.markup}`;
  };

  // Neurons as circles and weights as lines; of wide layers the first twelve.
  const diagram = (look) => {
    const sizes = [
      ...look.weights.map((W) => W.length - 1),
      look.weights[look.weights.length - 1][0].length,
    ];
    const seen = sizes.map((n) => Math.min(n, 12)),
      most = Math.max(...seen);
    const at = (l, i) => [
      40 + (l * (width - 80)) / (sizes.length - 1),
      height / 2 - 10 + (i - (seen[l] - 1) / 2) * Math.min(60, 230 / most),
    ];
    let picture = "";
    look.weights.forEach((W, l) => {
      const top = Math.max(...W.slice(0, -1).flat().map(Math.abs)) || 1;
      for (const i of range(seen[l]))
        for (const j of range(seen[l + 1])) {
          picture += line(
            [at(l, i), at(l + 1, j)],
            `stroke="${W[i][j] < 0 ? RED : BLUE}" stroke-width="${(0.4 + (4 * Math.abs(W[i][j])) / top).toFixed(2)}"`,
          );
        }
    });
    sizes.forEach((n, l) => {
      const hidden = l > 0 && l < sizes.length - 1;
      for (const i of range(seen[l])) {
        const fresh =
          hidden && look.fresh.some(([layer, neuron]) => layer === l - 1 && neuron === i);
        picture += circle(
          ...at(l, i),
          most > 6 ? 7 : 12,
          `fill="${fresh ? GOLD : hidden ? SKY : "#999999"}" stroke="currentColor" stroke-width="${fresh ? 3 : 1}"`,
        );
      }
      picture += words(
        at(l, 0)[0],
        height - 22,
        l === 0 ? "inputs" : hidden ? `layer ${l - 1}` : "outputs",
        'text-anchor="middle"',
      );
      picture += words(at(l, 0)[0], height - 6, `(${n})`, 'text-anchor="middle"');
    });
    return [sizes, picture];
  };

  // lambda and the damped eta over epochs, the best of each look, and the marks of this one.
  const best = (look) =>
    look.candidates.filter((c) => c.gain !== null).sort((c, d) => d.gain - c.gain)[0];
  const lows = [
    ...epochs.map((e) => e[2]),
    ...looks
      .map(best)
      .filter(Boolean)
      .map((c) => c.gain),
  ].filter((v) => v > 0);
  const curve = axes(
    width,
    height,
    [0, epochs[epochs.length - 1][0]],
    [Math.min(...lows) / 1.5, 2 * Math.max(...epochs.map((e) => e[1]))],
    {xlabel: "epoch", ylabel: "λ, η (damped), best gain at looks", logy: true},
  );
  const curves = (look, l) => {
    let picture = line(
      epochs.map((e) => [curve.x(e[0]), curve.y(e[1])]),
      'stroke="currentColor" stroke-width="2"',
    );
    picture += line(
      epochs.filter((e) => e[2] > 0).map((e) => [curve.x(e[0]), curve.y(e[2])]),
      `stroke="${BLUE}" stroke-width="2"`,
    );
    picture +=
      words(curve.right - 40, curve.y(epochs[epochs.length - 1][1]) - 6, "λ") +
      words(curve.right - 40, curve.y(epochs[epochs.length - 1][2]) - 6, "η");
    picture += `<path d="M${curve.x(look.epoch)} ${curve.top}V${curve.bottom}" stroke="currentColor" stroke-dasharray="3 3"/>`;
    for (const other of looks) {
      const c = best(other);
      if (c)
        picture += circle(
          curve.x(other.epoch),
          curve.y(c.gain),
          other === look ? 7 : 4,
          `fill="${c.chosen ? GOLD : "none"}" stroke="${GOLD}" stroke-width="2"`,
        );
    }
    const c = best(look),
      x = curve.x(look.epoch);
    const mark = (v, colour) =>
      `<path d="M${x - 12} ${curve.y(v)}h24" stroke="${colour}" stroke-width="4"/>`;
    if (c) {
      const [share, ratio] = [alpha * l, tau * c.eta_layer];
      picture += mark(share, GREEN) + words(x - 15, curve.y(share) + 4, "αλ", 'text-anchor="end"');
      picture += mark(ratio, PURPLE) + words(x + 15, curve.y(ratio) + 4, "τη of its layer");
    }
    return picture + curve.markup;
  };

  const stages = [ui.stage(width, height), ui.stage(width, height), ui.stage(width, height)];
  const slider = ui.slider("look", "look", [1, looks.length, 1], 1, {
    text: (v) => `${v} of ${looks.length}`,
  });
  const back = ui.button("Look before", () => {
    slider.value = Math.max(1, slider.value - 1);
  });
  const on = ui.button("Next look", () => {
    slider.value = Math.min(looks.length, slider.value + 1);
  });
  const epoch = ui.number("epoch", "epoch"),
    loss = ui.number("loss", "loss"),
    accuracy = ui.number("accuracy", "right on the points");
  const lambda = ui.number("lambda", "λ"),
    eta = ui.number("eta", "η", (v) => (v === null ? "not computed" : short(v)));
  ui.drawn(() => {
    const look = looks[slider.value - 1],
      outputs = X.map((point) => softmax(output(look, point)));
    const l = mean(outputs.map((p, n) => sum(p.map((v, k) => (v - (k === t[n])) ** 2))));
    epoch(look.epoch);
    lambda(l);
    eta(look.eta);
    loss(-mean(outputs.map((p, n) => Math.log(p[t[n]]))));
    accuracy(mean(outputs.map((p, n) => Number(p[t[n]] > 0.5))));
    back.disabled = slider.value <= 1;
    on.disabled = slider.value >= looks.length;
    const [sizes, picture] = diagram(look);
    stages[0](
      `What the network decides at epoch ${look.epoch}`,
      regions(look) + words(a.left + 8, 16, `epoch ${look.epoch}`),
    );
    stages[1](
      `A network of sizes ${sizes.join("-")}`,
      picture +
        words(8, 16, `network ${sizes.join("-")}${look.fresh.length ? "; new: gold" : ""}`),
    );
    stages[2](
      `Scores over ${epochs[epochs.length - 1][0]} epochs; this look at epoch ${look.epoch}`,
      curves(look, l),
    );
    ui.say(
      look.candidates
        .map((c) => {
          if (c.gain === null) return `${c.what}: ${c.reason}.`;
          const [ratio, share] = [c.gain / c.eta_layer, c.gain / l];
          const verdict = c.chosen
            ? "added"
            : ratio > tau && share > alpha
              ? "passes, but another was better"
              : `no: ${[...(ratio > tau ? [] : ["misses τ"]), ...(share > alpha ? [] : ["misses α"])].join(" and ")}`;
          return `${c.what}: gain ${short(c.gain, 3)} = ${short(ratio, 3)} η of its layer (τ = ${short(tau)}), ${short(share, 3)} λ (α = ${short(alpha)}): ${verdict}.`;
        })
        .join("\n") || "The end of the training.",
    );
  });
}
