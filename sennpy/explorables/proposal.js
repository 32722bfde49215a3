// A bump proposed as a neuron: its fits to the residual gradient, and both scores of every bump.

function explore(root, data) {
  const {x, g, a_c} = data,
    ui = panel(root, data.title),
    width = 360,
    height = 270;
  const old = orthonormal(range(a_c[0].length).map((j) => column(a_c, j)));
  const bump = (location, scale) => x.map((v) => 1 / (1 + ((v - location) / scale) ** 2));
  const scores = (a) => {
    const once = plus(a, shadow(old, a), -1),
      left = plus(once, shadow(old, once), -1);
    const unexplained = dot(left, left) / dot(a, a),
      rest = unexplained > 1e-20 ? left : a.map(() => 0);
    const part = (v) => (dot(v, v) > 0 ? dot(v, g) / dot(v, v) : 0); // the weight of a fit
    return {
      bound: part(a) ** 2 * mean(a.map((v) => v * v)),
      exact: part(rest) ** 2 * mean(rest.map((v) => v * v)),
      R2: 1 - unexplained,
      alone: a.map((v) => part(a) * v),
      joined: rest.map((v) => part(rest) * v),
    };
  };
  const locations = range(61).map((i) => -data.reach + (i * data.reach) / 30),
    logs = range(46).map((i) => -1.5 + i / 15);
  const maps = logs.map((u) => locations.map((m) => scores(bump(m, 10 ** u))));
  const grids = ["bound", "exact"].map((which) => maps.map((row) => row.map((s) => s[which])));
  const top = Math.max(...grids[1].flat());
  const plane = (title) =>
    axes(width, height, [-data.reach, data.reach], [10 ** -1.5, 10 ** 1.5], {
      xlabel: "location",
      ylabel: `scale, colour: ${title}`,
      logy: true,
    });
  const planes = [plane("bound Δη′"), plane("exact Δη")],
    pictures = planes.map((a, i) => heat(a, grids[i], top));
  const above = ui.stage(width, height);
  const below = planes.map((a) =>
    ui.stage(width, height, (px, py) => {
      [location.value, scale.value] = a.back(px, py);
    }),
  );
  const location = ui.slider(
    "location",
    "location",
    [-data.reach, data.reach, 0.05],
    data.location,
  );
  const scale = ui.slider("scale", "scale", [-1.5, 1.5, 0.05], data.scale, {
    of: (v) => 10 ** v,
    to: Math.log10,
  });
  ui.button("Best by the bound", () => best(0));
  ui.button("Best exactly", () => best(1));
  const best = (which) => {
    const values = grids[which].flat(),
      at = values.indexOf(Math.max(...values));
    [location.value, scale.value] = [locations[at % 61], 10 ** logs[Math.floor(at / 61)]];
  };
  const bound = ui.number("bound", "bound Δη′"),
    exact = ui.number("exact", "exact Δη"),
    R2 = ui.number("R2", "R²");
  const share = ui.number("share", "Δη′ / Δη"),
    supremum = ui.number("supremum", "at most");
  const ends = [Math.min(...x), Math.max(...x)],
    high = 1.3 * Math.max(...g.map(Math.abs));
  ui.drawn(() => {
    const s = scores(bump(location.value, scale.value));
    bound(s.bound);
    exact(s.exact);
    R2(s.R2);
    share(s.exact > 0 ? s.bound / s.exact : 0);
    supremum(mean(g.map((v) => v * v)));
    const a = axes(width, height, ends, [-high, high], {xlabel: "x", ylabel: "residual gradient"});
    const curve = (y, style) =>
      line(
        x.map((v, i) => [a.x(v), a.y(y[i])]),
        style,
      );
    let picture = `<path d="M${a.left} ${a.y(0)}H${a.right}" stroke="currentColor" stroke-opacity="0.4"/>`;
    picture += x.map((v, i) => circle(a.x(v), a.y(g[i]), 3, `fill="${BLUE}"`)).join("");
    picture +=
      curve(s.alone, `stroke="${GOLD}" stroke-width="2.5" stroke-dasharray="6 4"`) +
      curve(s.joined, `stroke="${RED}" stroke-width="2.5"`);
    picture +=
      words(a.left + 8, a.top + 6, "- - fitted alone", `style="fill:${GOLD}"`) +
      words(a.left + 125, a.top + 6, "— with current inputs", `style="fill:${RED}"`);
    above(
      `The residual gradient and two fits: bound ${short(s.bound)}, exact ${short(s.exact)}`,
      picture + a.markup,
    );
    planes.forEach((p, i) => {
      const [cx, cy] = [p.x(location.value), p.y(scale.value)],
        arm = (style) =>
          `<path d="M${cx - 8} ${cy - 8}l16 16M${cx - 8} ${cy + 8}l16 -16" ${style}/>`;
      below[i](
        `${["Bound", "Exact increase"][i]} of every location and scale`,
        pictures[i] +
          arm('stroke="black" stroke-width="6"') +
          arm('stroke="white" stroke-width="3"') +
          p.markup,
      );
    });
    ui.say(
      s.R2 > 0.95
        ? "The current inputs explain nearly all of this neuron: the bound sees next to nothing of what the rest can do."
        : "",
    );
  });
}
