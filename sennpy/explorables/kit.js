// What all explorables are made of: a panel of stages, sliders, buttons and numbers; axes; algebra.
// Pictures are markup for an <svg>, drawn anew at each change.

const BLUE = "#0965B5", // the colours of sennpy.plots.style
  GOLD = "#B38816",
  GREEN = "#059A78",
  RED = "#BA3927",
  PURPLE = "#875E86",
  SKY = "#2598D5";
const VIRIDIS = [
  [68, 1, 84],
  [65, 68, 135],
  [42, 120, 142],
  [34, 168, 132],
  [122, 209, 81],
  [253, 231, 37],
];

const OWN_KEYS = "data-lm-suppress-shortcuts"; // or JupyterLab takes the arrow keys

const range = (n) => Array.from({length: n}, (_, i) => i);
const clip = (v, low, high) => Math.min(high, Math.max(low, v));
const sum = (v) => v.reduce((a, b) => a + b, 0);
const mean = (v) => sum(v) / v.length;
const dot = (u, v) => u.reduce((total, a, i) => total + a * v[i], 0);
const plus = (u, v, t = 1) => u.map((a, i) => a + t * v[i]); // u + t v
const column = (A, j) => A.map((row) => row[j]);
const short = (v, digits = 4) => {
  const tiny = v !== 0 && Math.abs(v) < 1e-4;
  return (tiny ? v.toExponential(digits - 1) : String(Number(v.toPrecision(digits)))).replace(
    /-/g,
    "−",
  );
};

// Orthonormal vectors that span those given. What rounding leaves of a vector that the others span
// is none; each is projected twice, so that they stay orthogonal.
function orthonormal(vectors) {
  const basis = [];
  for (const v of vectors) {
    let left = v;
    for (const q of [...basis, ...basis]) left = plus(left, q, -dot(q, left));
    const size = Math.sqrt(dot(left, left));
    if (size > 1e-10 * Math.sqrt(dot(v, v))) basis.push(left.map((a) => a / size));
  }
  return basis;
}

// The projection of v onto what orthonormal vectors span.
const shadow = (basis, v) =>
  basis.reduce(
    (p, q) => plus(p, q, dot(q, v)),
    v.map(() => 0),
  );

// Draw all that bear a mark and are not yet drawn: where a script stands once it runs differs.
function begin(mark, explore) {
  for (const root of document.querySelectorAll(`[data-mark="${mark}"]`)) {
    if (root.dataset.ready) continue;
    root.dataset.ready = "yes";
    explore(root, JSON.parse(root.querySelector('[type="application/json"]').textContent));
  }
}

function panel(root, title) {
  const add = (parent, tag, kind = "", text = "") => {
    const made = document.createElement(tag);
    if (kind) made.className = `explorable-${kind}`;
    made.textContent = text;
    return parent.appendChild(made);
  };
  root.querySelector(".explorable-still").remove();
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", title);
  const stages = add(root, "div", "stages"),
    controls = add(root, "div", "controls");
  const buttons = add(root, "div", "controls"),
    said = add(root, "p", "said");
  let numbers = root.insertBefore(document.createElement("div"), said);
  numbers.className = "explorable-numbers";
  said.setAttribute("aria-live", "polite");
  let draw = () => {};
  const show = (output, value, text) => {
    output.dataset.value = value;
    output.textContent = text;
  };
  return {
    // What draws all of it; it is called at once and at every change.
    drawn(how) {
      (draw = how)();
    },
    redraw() {
      draw();
    },
    say(text) {
      if (said.textContent !== text) said.textContent = text;
    },
    // A picture of width x height; drag, if given, is called with places in it.
    stage(width, height, drag) {
      const place = add(stages, "div", "stage");
      const at = (event) => {
        const box = place.getBoundingClientRect();
        drag(
          ((event.clientX - box.left) / box.width) * width,
          ((event.clientY - box.top) / box.width) * width,
        );
        draw();
      };
      if (drag) {
        place.dataset.drag = "";
        place.addEventListener("pointerdown", (e) => {
          place.setPointerCapture(e.pointerId);
          at(e);
        });
        place.addEventListener("pointermove", (e) => {
          if (e.buttons) at(e);
        });
      }
      return (label, markup) => {
        place.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${safe(label)}">${markup}</svg>`;
      };
    },
    // A slider; `of` makes the value meant from the one it stands at, `to` the other way.
    slider(
      name,
      label,
      [min, max, step],
      value,
      {text = short, of = (v) => v, to = (v) => v} = {},
    ) {
      const box = add(controls, "label"),
        line = add(box, "span", "", `${label} `);
      const output = add(line, "b"),
        input = add(box, "input"); // a label is of its first output or input
      output.dataset.name = name;
      output.setAttribute("aria-hidden", "true");
      input.setAttribute(OWN_KEYS, "");
      Object.assign(input, {type: "range", min, max, step, name});
      let meant = value;
      const tell = () => {
        show(output, meant, text(meant));
        input.setAttribute("aria-valuetext", `${text(meant)}`);
      };
      input.addEventListener("input", () => {
        meant = of(Number(input.value));
        tell();
        draw();
      });
      const set = (v) => {
        meant = v;
        input.value = to(v);
        tell();
      };
      set(value);
      return {
        get value() {
          return meant;
        },
        set value(v) {
          set(v);
        },
      };
    },
    button(label, act) {
      const made = add(buttons, "button", "", label);
      made.type = "button";
      made.setAttribute(OWN_KEYS, "");
      made.addEventListener("click", () => {
        act();
        draw();
      });
      return made;
    },
    // A new line of numbers.
    row(label) {
      numbers = numbers.insertAdjacentElement("afterend", document.createElement("div"));
      numbers.className = "explorable-numbers";
      add(numbers, "span", "", label);
    },
    // A number that is shown, or several: a function that sets it.
    number(
      name,
      label,
      text = (v) =>
        [v]
          .flat()
          .map((u) => short(u))
          .join(", "),
    ) {
      const output = add(add(numbers, "span", "", `${label} `), "output");
      output.dataset.name = name;
      return (value) => show(output, value, text(value));
    },
  };
}

// --- Pictures -----------------------------------------------------------------------------------

const line = (points, style) =>
  `<polyline points="${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}" fill="none" ${style}/>`;
const circle = (x, y, r, style) =>
  `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}" ${style}/>`;
const safe = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
const words = (x, y, text, style = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${style}>${safe(text)}</text>`;

function ticks(low, high) {
  const rough = (high - low) / 4,
    unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * unit).find((m) => m >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  return range(Math.floor(high / step + 1e-9) - first + 1).map((i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

const decades = (low, high) =>
  range(13)
    .map((i) => 10 ** (i - 8))
    .filter((v) => v >= low * 0.999 && v <= high * 1.001);

// Axes of a picture: x and y take values to places, back takes places to values.
function axes(width, height, xs, ys, {xlabel = "", ylabel = "", logx = false, logy = false} = {}) {
  const box = {left: 50, right: width - 18, top: 24, bottom: height - 42};
  const scale = ([low, high], from, to, log) => {
    const f = log ? Math.log : (v) => v,
      g = log ? Math.exp : (v) => v;
    const there = (v) => from + ((f(v) - f(low)) / (f(high) - f(low))) * (to - from);
    return [there, (p) => g(f(low) + clip((p - from) / (to - from), 0, 1) * (f(high) - f(low)))];
  };
  const [x, unx] = scale(xs, box.left, box.right, logx),
    [y, uny] = scale(ys, box.bottom, box.top, logy);
  const mark = (v, log) => (log && (v < 0.001 || v >= 1000) ? v.toExponential(0) : short(v));
  let markup = `<g stroke="currentColor" stroke-opacity="0.6"><path fill="none" d="M${box.left} ${box.top}V${box.bottom}H${box.right}"/>`;
  for (const v of (logx ? decades : ticks)(...xs)) {
    markup +=
      `<path d="M${x(v)} ${box.bottom}v5"/>` +
      words(x(v), box.bottom + 18, mark(v, logx), 'text-anchor="middle"');
  }
  for (const v of (logy ? decades : ticks)(...ys)) {
    markup +=
      `<path d="M${box.left} ${y(v)}h-5"/>` +
      words(box.left - 8, y(v) + 4, mark(v, logy), 'text-anchor="end"');
  }
  markup += words((box.left + box.right) / 2, height - 6, xlabel, 'text-anchor="middle"');
  markup += words(box.left - 44, 14, ylabel) + "</g>";
  return {...box, x, y, back: (px, py) => [unx(px), uny(py)], markup};
}

// An image of rows x columns colours (r, g, b, a), drawn over the box of some axes; row 0 is above.
function image(box, rows, columns, colour) {
  const canvas = Object.assign(document.createElement("canvas"), {width: columns, height: rows});
  const context = canvas.getContext("2d"),
    pixels = context.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++)
    pixels.data.set(colour(Math.floor(i / columns), i % columns), 4 * i);
  context.putImageData(pixels, 0, 0);
  return (
    `<image href="${canvas.toDataURL()}" x="${box.left}" y="${box.top}" width="${box.right - box.left}" ` +
    `height="${box.bottom - box.top}" preserveAspectRatio="none"/>`
  );
}

function viridis(share) {
  const at = clip(share, 0, 1) * (VIRIDIS.length - 1),
    i = Math.min(Math.floor(at), VIRIDIS.length - 2);
  return [...VIRIDIS[i].map((c, j) => c + (at - i) * (VIRIDIS[i + 1][j] - c)), 255];
}

// Values of a grid (row 0 below) as an image; `top` has the brightest colour.
const heat = (box, grid, top) =>
  image(box, grid.length, grid[0].length, (i, j) => viridis(grid[grid.length - 1 - i][j] / top));
