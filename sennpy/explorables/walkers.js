// Langevin walkers on the bound's landscape over a bump's location m and scale exp(u).

function explore(root, data) {
  const {x, g, unit, starts, xi, log_u} = data,
    ui = panel(root, data.title),
    width = 400,
    height = 330;
  const score = ([m, u]) => {
    const a = x.map((v) => 1 / (1 + ((v - m) * Math.exp(-u)) ** 2));
    return dot(a, g) ** 2 / dot(a, a) / x.length;
  };
  const slope = ([m, u]) => {
    const z = x.map((v) => (v - m) * Math.exp(-u)),
      a = z.map((v) => 1 / (1 + v * v)),
      fit = dot(a, g) / dot(a, a);
    const by_z = a.map((v, n) => (2 / x.length) * fit * (g[n] - fit * v) * -2 * z[n] * v * v);
    return [-sum(by_z) * Math.exp(-u), -dot(by_z, z)];
  };
  const state = (at, height = score(at)) => ({
    at,
    score: height,
    log_p: height / (T.value * unit) - dot(at, at) / 2,
    gradient: plus(
      slope(at).map((v) => v / (T.value * unit)),
      at,
      -1,
    ),
  });
  const log_q = (to, from) => {
    // of the step, but for a factor that is the same both ways
    const away = plus(to, plus(from.at, from.gradient, r.value), -1);
    return -dot(away, away) / (4 * r.value);
  };
  // Places are kept to six decimals: the way of a walker turns on rounding errors within some
  // hundred steps, and so all computers draw the same.
  const kept = (at) => at.map((v) => Math.round(1e6 * v) / 1e6);
  const move = (from, noise, log_uniform) => {
    const to = state(
      kept(plus(plus(from.at, from.gradient, r.value), noise, Math.sqrt(2 * r.value))),
    );
    const log_accept = Math.min(0, to.log_p + log_q(from.at, to) - from.log_p - log_q(to.at, from));
    const accepted = log_uniform < log_accept;
    return {
      ...(accepted ? to : from),
      proposed: to,
      chance: Math.exp(log_accept),
      accepted,
      before: from,
    };
  };
  const a = axes(width, height, [-3, 3], [Math.exp(-3), Math.exp(3)], {
    xlabel: "location",
    ylabel: "scale, colour: bound Δη′",
    logy: true,
  });
  const grid = range(61).map((i) => range(61).map((j) => score([-3 + j / 10, -3 + i / 10])));
  const top = Math.max(...grid.flat()),
    landscape = heat(a, grid, top),
    page = ([m, u]) => [a.x(clip(m, -3, 3)), a.y(Math.exp(clip(u, -3, 3)))];
  const stage = ui.stage(width, height),
    heights = ui.stage(width, height),
    log = {of: (v) => 10 ** v, to: Math.log10};
  const step = ui.slider("step", "steps", [0, xi.length, 1], Math.min(50, xi.length));
  const T = ui.slider("T", "temperature T", [-2, 1, 0.05], data.T, log);
  const r = ui.slider("r", "length of a step r", [-3, 0.5, 0.05], data.r, log);
  const who = ui.slider("walker", "walker", [1, starts.length, 1], 1);
  const ahead = (n) => () => {
    step.value = Math.min(step.value + n, xi.length);
  };
  ui.button("One step", ahead(1));
  ui.button("Ten steps", ahead(10));
  ui.button("Start again", () => {
    step.value = 0;
  });
  const here = ui.number("score", "bound Δη′ here"),
    chance = ui.number("chance", "accepted with probability");
  const place = ui.number("location", "at location"),
    wide = ui.number("log_scale", "log scale");
  const best = ui.number("best", "best of all so far"),
    rate = ui.number("rate", "share accepted so far");
  let known = "",
    paths = [];
  ui.drawn(() => {
    const key = `${T.value} ${r.value}`,
      k = step.value,
      w = who.value - 1;
    if (key !== known) paths = starts.map((at) => [state(at)]);
    known = key;
    while (paths[0].length <= k)
      paths.forEach((path, i) =>
        path.push(move(path[path.length - 1], xi[path.length - 1][i], log_u[path.length - 1][i])),
      );
    const now = paths[w][k],
      seen = paths.map((path) => path.slice(0, k + 1));
    here(now.score);
    place(now.at[0]);
    wide(now.at[1]);
    chance(k ? now.chance : 1);
    best(Math.max(...seen.flat().map((s) => s.score)));
    rate(k ? mean(seen.flatMap((path) => path.slice(1)).map((s) => Number(s.accepted))) : 1);
    let picture = landscape;
    seen.forEach((path, i) => {
      picture += line(
        path.slice(-60).map((s) => page(s.at)),
        `stroke="white" stroke-opacity="${i === w ? 0.9 : 0.45}" stroke-width="1.5"`,
      );
      picture += circle(
        ...page(path[k].at),
        i === w ? 8 : 5,
        `fill="${i === w ? RED : "white"}" stroke="black" stroke-width="1.5"`,
      );
    });
    if (k) {
      const [from, to] = [page(now.before.at), page(now.proposed.at)];
      picture += line(
        [from, to],
        `stroke="${RED}" stroke-width="3" ${now.accepted ? "" : 'stroke-dasharray="4 4"'}`,
      );
      if (!now.accepted)
        picture += words(
          to[0],
          to[1] + 5,
          "×",
          'text-anchor="middle" style="fill:white;font-size:22px"',
        );
    }
    stage(
      `Walkers after ${k} steps; walker ${w + 1} at location ${short(now.at[0], 3)}, scale ${short(Math.exp(now.at[1]), 3)}`,
      picture + a.markup,
    );
    const b = axes(width, height, [0, xi.length], [0, top], {
      xlabel: "steps",
      ylabel: "bound Δη′ of each walker",
    });
    const curve = (path, style) =>
      line(
        path.map((s, i) => [b.x(i), b.y(s.score)]),
        style,
      );
    const others = seen
      .filter((_, i) => i !== w)
      .map((path) => curve(path, 'stroke="currentColor" stroke-opacity="0.35"'));
    heights(
      `The bound along the walks; walker ${w + 1} is at ${short(now.score, 3)}`,
      others.join("") + curve(seen[w], `stroke="${RED}" stroke-width="2"`) + b.markup,
    );
    ui.say(
      k
        ? `Walker ${w + 1} was suggested a bound of ${short(now.proposed.score)} in place of ${short(now.before.score)}: ${now.accepted ? "accepted" : "refused, it stays"}.`
        : "At the start.",
    );
  });
}
