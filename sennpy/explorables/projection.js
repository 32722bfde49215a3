// The output gradient of three samples and its shadow on the plane of what two parameters can do.

function explore(root, data) {
  const {J, g_y: start} = data,
    N = 3,
    width = 380,
    height = 290;
  const ui = panel(root, data.title),
    Q = orthonormal([column(J, 0), column(J, 1)]);
  const normal = [0, 1, 2].map(
    (i) => Q[0][(i + 1) % 3] * Q[1][(i + 2) % 3] - Q[0][(i + 2) % 3] * Q[1][(i + 1) % 3],
  );
  let camera;
  const look = (turn) => {
    // from space to the page, the plane lying flat
    const c = Math.cos(turn),
      s = Math.sin(turn);
    const along = plus(
        Q[0].map((a) => c * a),
        Q[1],
        s,
      ),
      across = plus(
        Q[1].map((a) => c * a),
        Q[0],
        -s,
      );
    const mix = (a, b, n) => [0, 1, 2].map((i) => a * along[i] + b * across[i] + n * normal[i]);
    camera = [mix(0.93, 0.37, 0), mix(-0.1, 0.26, 0.96)];
  };
  const unit = 30,
    middle = [width / 2 - 10, height / 2 + 30];
  const page = (v) => [middle[0] + unit * dot(camera[0], v), middle[1] - unit * dot(camera[1], v)];
  const stage = ui.stage(width, height, (px, py) => {
    // the shortest way that brings the tip there
    const now = g.map((s) => s.value),
      [x, y] = page(now),
      dx = (px - x) / unit,
      dy = (y - py) / unit;
    const [aa, ab, bb] = [
      dot(camera[0], camera[0]),
      dot(camera[0], camera[1]),
      dot(camera[1], camera[1]),
    ];
    const det = aa * bb - ab * ab,
      u = (bb * dx - ab * dy) / det,
      v = (aa * dy - ab * dx) / det;
    put(
      plus(plus(now, camera[0], u), camera[1], v).map(
        (a) => Math.round(clip(a, -4, 4) * 100) / 100,
      ),
    );
  });
  const g = start.map((v, i) => ui.slider(`g${i}`, `gradient of output ${i}`, [-4, 4, 0.1], v));
  const turn = ui.slider("turn", "turn the picture (degrees)", [-180, 180, 5], data.turn);
  const put = (v) =>
    g.forEach((s, i) => {
      s.value = v[i];
    });
  ui.button("Natural step", () => {
    const v = g.map((s) => s.value);
    put(plus(v, shadow(Q, v), -1));
  });
  ui.button("Half a step", () => {
    const v = g.map((s) => s.value);
    put(plus(v, shadow(Q, v), -0.5));
  });
  ui.button("Start again", () => put(start));
  const eta = ui.number("eta", "η"),
    lambda = ui.number("lambda", "λ"),
    share = ui.number("share", "η / λ");
  const foot = ui.number("shadow", "shadow P g");
  ui.drawn(() => {
    look((turn.value * Math.PI) / 180);
    const v = g.map((s) => s.value),
      p = shadow(Q, v),
      e = dot(p, p) / N,
      l = dot(v, v) / N;
    eta(e);
    lambda(l);
    share(l > 0 ? e / l : 0);
    foot(p);
    const corner = (a, b) =>
      page(
        plus(
          Q[0].map((q) => a * q),
          Q[1],
          b,
        ),
      );
    let picture = `<path d="M${[corner(-4, -4), corner(4, -4), corner(4, 4), corner(-4, 4)].join("L")}Z" fill="${SKY}" fill-opacity="0.25" stroke="${SKY}"/>`;
    picture += words(...corner(3.9, 3.9), "range(J)", 'dy="14" text-anchor="end"');
    for (const i of range(3)) {
      const tip = page([0, 1, 2].map((j) => (i === j ? 4 : 0)));
      picture +=
        line([page([0, 0, 0]), tip], 'stroke="currentColor" stroke-opacity="0.45"') +
        words(...tip, `y${"₀₁₂"[i]}`);
    }
    const [o, tip, low] = [page([0, 0, 0]), page(v), page(p)];
    picture += line([tip, low], 'stroke="currentColor" stroke-dasharray="5 4"');
    picture +=
      line([o, low], `stroke="${BLUE}" stroke-width="4"`) + circle(...low, 5, `fill="${BLUE}"`);
    picture +=
      line([o, tip], `stroke="${RED}" stroke-width="3"`) + circle(...tip, 7, `fill="${RED}"`);
    picture += words(tip[0] + 10, tip[1] - 6, "g") + words(low[0] + 8, low[1] + 16, "P g");
    stage(
      `The gradient g at ${v.map((a) => short(a, 3))}, its shadow at ${p.map((a) => short(a, 3))}`,
      picture,
    );
    ui.say(
      l === 0
        ? "No error is left."
        : e < 1e-12 * l
          ? "No shadow: an error, and nothing to be done about it with these two parameters."
          : e > (1 - 1e-12) * l
            ? "In the plane: all of the error is in reach."
            : `The network can act on ${short((100 * e) / l, 3)} % of its error; a natural step leaves ${short(l - e)}.`,
    );
  });
}
