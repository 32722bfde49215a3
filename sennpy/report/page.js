// The page of a training, drawn anew at each look from the JSON block in it. Numbers and sentences
// come from there as they are; here is only where they stand. The kit has axes, lines and colours.

const data = JSON.parse(document.getElementById("data").textContent);
const {runs, moments} = data;
const HUES = [BLUE, GOLD]; // of the runs; the second one's lines are dashed, too
const byId = (id) => document.getElementById(id);
const told = (v, digits = 4) => (v === null || v === undefined ? "none" : short(v, digits));

// --- Making elements -----------------------------------------------------------------------------

function add(parent, tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return parent.appendChild(made);
}

// A place of its own for each run below a heading, with the run's name where there are several.
function places(id) {
  return runs.map((run) => {
    const box = add(byId(id), "div");
    if (runs.length > 1) add(box, "h3", run.name);
    return add(box, "div");
  });
}

function table(parent, caption, heads, rows, {chosen = () => false, left = []} = {}) {
  const box = add(parent, "div", "", {class: "wide", tabindex: "0", role: "group"});
  box.setAttribute("aria-label", caption);
  const made = add(box, "table");
  add(made, "caption", caption);
  const line = add(add(made, "thead"), "tr");
  heads.forEach((head, j) => add(line, "th", head, {scope: "col", ...(left.includes(j) ? {class: "left"} : {})}));
  const body = add(made, "tbody");
  rows.forEach((row, i) => {
    const tr = add(body, "tr", "", chosen(i) ? {class: "chosen"} : {});
    row.forEach((cell, j) => add(tr, "td", cell, left.includes(j) ? {class: "left"} : {}));
  });
  if (!rows.length) add(add(body, "tr"), "td", "none", {colspan: heads.length});
}

// A picture with what it shows in words; gives what draws it anew.
function picture(parent, width, height, caption) {
  const box = add(parent, "figure"),
    place = add(box, "div");
  add(box, "figcaption", caption);
  return (label, markup) => {
    place.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${safe(label)}">${markup}</svg>`;
  };
}

// --- Which neurons stand where -------------------------------------------------------------------

const MOST = 16; // circles that a column of inputs or outputs has

// Columns of the whole run, so that a neuron has one place for ever: inputs, hidden, outputs.
function layout(run, width, height) {
  const sizes = run.sizes[0][1],
    outputs = run.sizes[run.sizes.length - 1][1].slice(-1)[0];
  const inputs = run.networks.bundled ? 1 : sizes[0];
  const columns = [range(inputs), ...run.columns.map(([, rows]) => rows), range(outputs)];
  const x = (c) => 44 + (c * (width - 88)) / (columns.length - 1);
  const gap = (c) => Math.min(62, (height - 70) / Math.max(1, columns[c].length));
  const y = (c, row) => 24 + (height - 70) / 2 + (row - (columns[c].length - 1) / 2) * gap(c);
  const number = new Map(run.columns.map(([column], i) => [column, i + 1]));
  return {columns, x, y, gap, column: (c) => number.get(c), last: columns.length - 1};
}

// Per layer of one stage, inputs and outputs among them: [column, row] of each unit.
function standing(run, plan, stage) {
  const side = (c) => range(plan.columns[c].length).map((i) => [c, i]);
  const hidden = run.stages[stage].map(([column, numbers]) => {
    const c = plan.column(column);
    return numbers.map((n) => [c, plan.columns[c].indexOf(n)]);
  });
  return [side(0), ...hidden, side(plan.last)];
}

function diagram(run, plan, at, width, height) {
  const {stage, net, fresh} = at,
    layers = standing(run, plan, stage);
  const place = ([c, row]) => [plan.x(c), plan.y(c, row)];
  let markup = "";
  layers.slice(0, -1).forEach((from, l) => {
    const to = layers[l + 1];
    const drawn = net ? net.edges[l] : from.length * to.length > 300 ? [] :
      from.flatMap((_, i) => to.map((_, j) => [i, j, null]));
    const top = Math.max(...drawn.map((e) => Math.abs(e[2] || 0))) || 1;
    for (const [i, j, w] of drawn) {
      const style = w === null
        ? 'stroke="currentColor" stroke-opacity="0.35"'
        : `stroke="${w < 0 ? RED : BLUE}" stroke-width="${(0.3 + (3.7 * Math.abs(w)) / top).toFixed(2)}"${w < 0 ? ' stroke-dasharray="5 3"' : ""}`;
      markup += line([place(from[Math.max(i, 0)]), place(to[j])], style);
    }
  });
  // Where neurons will be born, those that are there, and inputs and outputs.
  plan.columns.forEach((rows, c) => {
    const r = Math.max(2.5, Math.min(11, 0.38 * plan.gap(c))),
      hidden = c > 0 && c < plan.last;
    const here = new Map();
    if (hidden)
      run.stages[stage].forEach(([column, numbers]) => {
        if (plan.column(column) === c) numbers.forEach((n) => here.set(n, true));
      });
    rows.forEach((n, row) => {
      const [x, y] = [plan.x(c), plan.y(c, row)];
      if (!hidden) {
        markup += circle(x, y, r, 'fill="#8a929a" stroke="currentColor"');
      } else if (!here.has(n)) {
        markup += circle(x, y, Math.min(r, 3), 'fill="none" stroke="currentColor" stroke-opacity="0.4" stroke-dasharray="2 2"');
      } else {
        const isNew = fresh.has(n);
        markup += circle(x, y, r, `fill="${isNew ? GOLD : SKY}" stroke="currentColor" stroke-width="${isNew ? 3 : 1}"`);
        if (plan.gap(c) >= 24)
          markup += words(x, y - r - 3, run.neurons[n].born ? `${run.neurons[n].born}` : "start", 'text-anchor="middle" style="font-size:11px"');
      }
    });
    const layer = run.stages[stage].findIndex(([column]) => plan.column(column) === c);
    const name = c === 0 ? "inputs" : c === plan.last ? "outputs" : layer < 0 ? "" : `layer ${layer}`;
    const count = c === 0 ? run.networks.inputs : hidden ? here.size : rows.length;
    markup += words(plan.x(c), height - 22, name, 'text-anchor="middle"');
    if (name) markup += words(plan.x(c), height - 6, `(${count})`, 'text-anchor="middle"');
  });
  return markup;
}

// --- What the network decides or fits ------------------------------------------------------------

const PALETTE = [BLUE, GOLD, GREEN, RED, PURPLE, SKY];
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const value = (text, i) => parseInt(text[i], 36);
const edge = 'stroke="currentColor" stroke-width="0.7"';

// A class has a colour and a shape.
function marker(x, y, k) {
  const hue = PALETTE[k % PALETTE.length];
  if (k % 3 === 0) return circle(x, y, 3, `fill="${hue}" ${edge}`);
  const path = k % 3 === 1 ? "h8l-4 -7Z" : "h7v-7h-7Z";
  return `<path d="M${(x - 4).toFixed(1)} ${(y + 3.5).toFixed(1)}${path}" fill="${hue}" ${edge}/>`;
}

// Where a class begins to win: through each square of four cells from one of its sides to another,
// where how sure it is, taken negative for all other classes, is 0.
function borders(a, cells, G) {
  const x = (j) => a.left + ((j + 0.5) / G) * (a.right - a.left),
    y = (i) => a.bottom - ((i + 0.5) / G) * (a.bottom - a.top);
  let path = "";
  for (const k of new Set(cells.winner)) {
    const p = (i, j) => (value(cells.sure, i * G + j) + 0.5) * (cells.winner[i * G + j] === k ? 1 : -1);
    const cut = (i, j, k, l) => {
      const [u, v] = [p(i, j), p(k, l)],
        s = u / (u - v);
      return u > 0 === v > 0 ? [] : [[x(j) + s * (x(l) - x(j)), y(i) + s * (y(k) - y(i))]];
    };
    for (const i of range(G - 1))
      for (const j of range(G - 1)) {
        const met = [...cut(i, j, i, j + 1), ...cut(i + 1, j, i + 1, j + 1), ...cut(i, j, i + 1, j), ...cut(i, j + 1, i + 1, j + 1)];
        if (met.length > 1) path += `M${met[0].map((v) => v.toFixed(1))}L${met[1].map((v) => v.toFixed(1))}`;
      }
  }
  return path;
}

function plane(seen, net, width, height) {
  const [xs, ys] = seen.ends,
    a = axes(width, height, xs, ys, {xlabel: "x₁", ylabel: "x₂"}),
    G = seen.cells,
    cells = net.plane;
  const at = (i, j) => (G - 1 - i) * G + j; // row 0 of an image is above
  let markup = image(a, G, G, (i, j) => {
    if (cells.level) return viridis(value(cells.level, at(i, j)) / 35);
    const sure = value(cells.sure, at(i, j)) / 35;
    return [...rgb(PALETTE[value(cells.winner, at(i, j)) % PALETTE.length]), 30 + 110 * sure];
  });
  if (cells.winner) markup += `<path d="${borders(a, cells, G)}" fill="none" stroke="currentColor" stroke-width="2"/>`;
  seen.X.forEach(([u, v], n) => {
    markup += seen.labels ? marker(a.x(u), a.y(v), seen.t[n]) : circle(a.x(u), a.y(v), 2, 'fill="currentColor"');
  });
  return markup + a.markup;
}

function curve(seen, net, width, height) {
  const xs = seen.ends[0],
    points = seen.labels ? [] : seen.t.flat(),
    all = [...points, ...(seen.labels ? net.fit.flat() : [])];
  const low = Math.min(...all), high = Math.max(...all), room = 0.15 * (high - low) || 1;
  const a = axes(width, height, xs, [low - room, high + room], {xlabel: "x", ylabel: "output"});
  let markup = "";
  net.fit.forEach((ys, k) => {
    const hue = PALETTE[(k + 1) % PALETTE.length];
    markup += line(ys.map((y, i) => [a.x(xs[0] + (i / (ys.length - 1)) * (xs[1] - xs[0])), clip(a.y(y), a.top - 4, a.bottom + 4)]),
      `stroke="${hue}" stroke-width="2.5"`);
    if (!seen.labels) seen.X.forEach(([x], n) => (markup += circle(a.x(x), a.y(seen.t[n][k]), 2.5, `fill="${net.fit.length > 1 ? hue : BLUE}" ${edge}`)));
  });
  return markup + a.markup;
}

// Where a neuron would pay: how wide over where; the network's own neurons as rings.
function ground(seen, net, width, height) {
  const {columns, scales, locations} = seen.ground,
    level = net.ground.level,
    rows = level.length / columns;
  const a = axes(width, height, locations, scales, {xlabel: "where: −bias / weight", ylabel: "how wide: 1 / weight", logy: true});
  const grid = range(rows).map((i) => range(columns).map((j) => value(level, i * columns + j)));
  let markup = heat(a, grid, 35);
  for (const [x, s] of net.stands || [])
    if (x >= locations[0] && x <= locations[1] && s >= scales[0] && s <= scales[1])
      markup += circle(a.x(x), a.y(s), 6, 'fill="none" stroke="#ffffff" stroke-width="3"') +
        circle(a.x(x), a.y(s), 6, `fill="none" stroke="${GOLD}" stroke-width="2"`);
  return markup + a.markup;
}

// --- Curves --------------------------------------------------------------------------------------

function chart(title, caption, series, {logy = false} = {}) {
  const width = 460, height = 270;
  const draw = picture(byId("curves"), width, height, caption);
  const values = series.flatMap((s) => s.ys.filter((v) => v !== null && (!logy || v > 0)));
  const span = [Math.min(...values), Math.max(...values)];
  const ends = logy ? [span[0] / 1.3, span[1] * 1.3] : [Math.min(0, span[0]), span[1] + Math.max(1, 0.05 * span[1])];
  const last = Math.max(...runs.map((run) => run.end));
  const a = axes(width, height, [0, last], ends, {xlabel: "epoch", ylabel: title, logy});
  const still = series.map((s) => {
    const points = s.xs.map((x, i) => [x, s.ys[i]]).filter(([, y]) => y !== null && (!logy || y > 0));
    return line(points.map(([x, y]) => [a.x(x), a.y(y)]), `stroke="${s.hue}" stroke-width="2" ${s.dash ? `stroke-dasharray="${s.dash}"` : ""}`);
  }).join("");
  const marks = runs.map((run, r) => {
    const looks = run.looks.map((k) => `M${a.x(k.epoch).toFixed(1)} ${a.bottom}v-5`).join("");
    const grown = run.additions.map((k) => `M${(a.x(k.epoch) - 4).toFixed(1)} ${a.bottom - 7 - 9 * r}h8l-4 -8Z`).join("");
    return `<path d="${looks}" stroke="currentColor"/><path d="${grown}" fill="${HUES[r]}" stroke="currentColor" stroke-width="0.7"/>`;
  }).join("");
  // A click goes to the look that is nearest.
  byId("curves").lastElementChild.addEventListener("click", (event) => {
    const box = event.currentTarget.querySelector("svg").getBoundingClientRect();
    const [epoch] = a.back(((event.clientX - box.left) / box.width) * width, 0);
    const far = moments.map((m) => Math.abs(m.epoch - epoch));
    show(far.indexOf(Math.min(...far)));
  });
  return (epoch) => draw(`${caption} The look stands at epoch ${epoch}.`,
    still + marks + a.markup +
    `<path d="M${a.x(epoch)} ${a.top}V${a.bottom}" stroke="currentColor" stroke-dasharray="4 3" stroke-width="1.5"/>`);
}

// A line that goes up by steps, from pairs (epoch, value).
function steps(pairs, end) {
  const xs = [], ys = [];
  pairs.forEach(([x, y], i) => {
    xs.push(x, i + 1 < pairs.length ? pairs[i + 1][0] : end);
    ys.push(y, y);
  });
  return {xs, ys};
}

function charts() {
  const of = (key, dashes) => runs.map((run, r) => ({xs: run.epochs.epoch, ys: run.epochs[key], hue: HUES[r], dash: dashes[r]}));
  const who = runs.length > 1 ? ` Blue is ${runs[0].name}, gold ${runs[1].name}.` : "";
  const seen = runs.some((run) => run.epochs.validation_loss.some((v) => v !== null));
  const losses = [...of("loss", ["", ""]), ...(seen ? of("validation_loss", ["2 4", "2 4"]) : [])];
  const log = losses.every((s) => s.ys.every((v) => v === null || v > 0));
  const lambdas = of("lam", ["6 3", "6 3"]).map((s, r) => (runs.length > 1 ? s : {...s, hue: PURPLE}));
  const hidden = (sizes) => sum(sizes.slice(1, -1));
  return [
    chart("loss", `The loss${seen ? ", dotted on validation data" : ""}; triangles are additions, ticks looks.${who}`, losses, {logy: log}),
    chart("λ, η", `λ, dashed, and η as the steps met it. For the euclidean metric λ is the most that the dense η could be.${who}`, [...lambdas, ...of("eta", ["", ""])], {logy: true}),
    chart("hidden neurons", `Hidden neurons.${who}`,
      runs.map((run, r) => ({...steps(run.sizes.map(([e, s]) => [e, hidden(s)]), run.end), hue: HUES[r], dash: r ? "6 3" : ""}))),
  ];
}

// --- What does not move --------------------------------------------------------------------------

function still() {
  const summaries = add(byId("summary"), "div");
  for (const run of runs) add(summaries, "p", (runs.length > 1 ? `${run.name}: ` : "") + run.summary);
  places("theorem").forEach((box, r) => {
    const run = runs[r];
    table(box, "At one time", ["epoch", "additions", "Theorem 3.1: fewer than"],
      run.theorem.map((k) => [k.epoch, k.count, k.limit === null ? "no bound" : told(k.limit, 3)]));
    const all = add(box, "details");
    all.open = run.additions.length <= 12;
    add(all, "summary", "Each addition");
    table(all, "Additions", ["epoch", "what", "exact Δη", "sizes after", "outputs moved"],
      run.additions.map((k) => [k.epoch, k.what, told(k.exact), k.sizes.join("-"), told(k.moved, 2)]), {left: [1]});
    add(box, "p", "The theorem bounds additions that are judged by one η which stays below λ: the dense one, or that of one layer next to the outputs, for the euclidean metric. Other rules have no bound.");
  });
  const found = runs.some((run) => run.findings !== null);
  byId("s-findings").hidden = !found;
  if (found) places("findings").forEach((box, r) => {
    const findings = runs[r].findings;
    if (findings === null) return add(box, "p", "There is no diagnosis of this one, see below.");
    if (!findings.length) return add(box, "p", "Nothing in this record says that the training grew badly.");
    for (const f of findings) {
      add(box, "h3", f.sentence);
      add(box, "p", `Evidence: ${f.evidence}.`);
      add(box, "p", `Turn: ${f.turn}.`);
    }
  });
  places("again").forEach((box, r) => {
    const run = runs[r];
    if (run.command) add(box, "pre", run.command);
    else add(box, "p", "It was trained from Python: there is no command on record.");
    if (run.replay) {
      add(box, "p", "To make its record again, and compare the numbers:");
      add(box, "pre", run.replay);
    }
    if (run.settings.length) {
      const more = add(box, "details");
      add(more, "summary", "Settings");
      table(more, "Settings", ["setting", "value"], run.settings, {left: [1]});
    }
    if (run.versions.length) {
      const more = add(box, "details");
      add(more, "summary", "Versions");
      table(more, "Versions", ["of", "version"], run.versions, {left: [1]});
    }
  });
  byId("s-missing").hidden = runs.every((run) => !run.missing.length && !run.thinned.length);
  places("missing").forEach((box, r) => {
    const list = add(box, "ul");
    for (const text of [...runs[r].missing, ...runs[r].thinned]) add(list, "li", text);
  });
}

// --- What moves ----------------------------------------------------------------------------------

function panels() {
  const [width, height] = [460, 330];
  return places("networks").map((box, r) => {
    const run = runs[r],
      pictures = add(box, "div", "", {class: "pictures"}),
      plan = layout(run, width, height),
      seen = run.networks;
    const net = picture(pictures, width, height,
      "Solid blue weights are above 0, dashed red ones below. Above a neuron stands the epoch of its birth; gold is new; dotted rings are places of later ones.");
    const drawn = seen.looks.some((n) => n && (n.plane || n.fit)) && picture(pictures, width, height, seen.ends.length === 2 ? "What it decides, with the samples." : "What it fits, with the samples.");
    const score = seen.looks.some((n) => n && n.ground) && picture(pictures, width, height, "Where one more neuron next to the input would pay: the bound Δη′ with the best coefficients, which a search may smooth (its ridge, its reach). Rings: neurons that are there.");
    const more = add(box, "details"), rows = (add(more, "summary", "Its neurons, one by one"), add(more, "div"));
    return (at) => {
      const sizes = [seen.inputs, ...run.stages[at.stage].map(([, n]) => n.length), plan.columns[plan.last].length].join("-");
      net(`A network of sizes ${sizes}.`, words(8, 14, sizes) + diagram(run, plan, at, width, height));
      const none = words(width / 2, height / 2, "not kept", 'text-anchor="middle"');
      if (drawn) drawn(`What the network of epoch ${at.epoch} decides or fits.`, !at.net ? none : at.net.plane ? plane(seen, at.net, width, height) : curve(seen, at.net, width, height));
      if (score) score(`The landscape of the score at epoch ${at.epoch}.`, at.net && at.net.ground
        ? ground(seen, at.net, width, height) + words(width - 18, 14, `brightest: ${told(at.net.ground.top, 3)} η`, 'text-anchor="end"') : none);
      rows.replaceChildren();
      table(rows, "Neurons", ["layer, neuron", "born", "age", "Δη at birth", "worth now", "‖in‖", "bias", "‖out‖", "coefficients"],
        run.stages[at.stage].flatMap(([, numbers], l) => numbers.map((n, j) => {
          const {born, score: birth} = run.neurons[n], u = at.net && at.net.units[l][j];
          return [`${l}, ${j}`, born || "start", at.epoch - born, told(birth, 3),
            ...(u ? [told(u.worth, 3), told(u.in, 3), told(u.bias, 3), told(u.out, 3), u.coefficients.map((k) => told(k, 3)).join(", ")] : ["", "", "", "", ""])];
        })));
    };
  });
}

function judgements() {
  return places("places").map((box, r) => (at) => {
    box.replaceChildren();
    const look = at.look;
    if (!look) return add(box, "p", "The end of the training: nothing is proposed any more.");
    add(box, "p", look.summary);
    const units = (c) => (c.margin === null ? "none" : c.unit === "times" ? `${told(c.margin, 3)} times` : `${told(c.margin, 3)} ${c.unit}`);
    table(box, `Places at epoch ${look.epoch}`,
      ["place", "bound Δη′", "exact Δη", "dense", "counts", "threshold", "margin", "verdict"],
      look.candidates.map((c) => [c.where, told(c.bound), told(c.exact), told(c.dense), told(c.score), told(c.asked), units(c), c.chosen ? "added" : "no"]),
      {chosen: (i) => look.candidates[i].chosen});
    const list = add(box, "ul", "", {class: "why"});
    for (const c of look.candidates) add(list, "li", c.words, c.chosen ? {class: "chosen"} : {});
    add(box, "p", `At this look η = ${look.eta === null ? "not computed" : told(look.eta)}, λ = ${told(look.lam)}.`);
    const more = add(box, "details");
    add(more, "summary", "Who proposed, and who judged");
    add(more, "p", look.proposer);
    add(more, "p", look.rule);
  });
}

// Where a run is at a moment: its look, the network and the stage of its growth.
function standsAt(run, index, epoch) {
  if (index === null) return {look: null, stage: 0, net: null, epoch, fresh: new Set()};
  const look = run.looks[index], stage = look ? look.stage : run.last;
  const past = index ? run.looks[index - 1].stage : 0;
  const before = new Set(run.stages[past].flatMap(([, n]) => n));
  const grown = run.stages[stage].flatMap(([, n]) => n).filter((n) => !before.has(n));
  return {look, stage, net: run.networks.looks[index], epoch: look ? look.epoch : run.end, fresh: new Set(grown)};
}

still();
const curves = charts(), networks = panels(), judged = judgements();
const slider = byId("look"), play = byId("play");
let timer = null;

function show(i) {
  const moment = moments[i], end = i === moments.length - 1;
  slider.value = i;
  const text = end ? `The end, epoch ${moment.epoch}` : `Look ${i + 1} of ${moments.length - 1}, epoch ${moment.epoch}`;
  slider.setAttribute("aria-valuetext", text);
  byId("where").textContent = text;
  byId("before").disabled = i === 0;
  byId("after").disabled = end;
  curves.forEach((draw) => draw(moment.epoch));
  runs.forEach((run, r) => {
    const at = standsAt(run, moment.looks[r], moment.epoch);
    networks[r](at);
    judged[r](at);
  });
}

const at = () => Number(slider.value);
const to = (i) => show(clip(i, 0, moments.length - 1));
function stop() {
  clearInterval(timer);
  timer = null;
  play.textContent = "Play";
}
slider.max = moments.length - 1;
slider.addEventListener("input", () => show(at()));
byId("before").addEventListener("click", () => to(at() - 1));
byId("after").addEventListener("click", () => to(at() + 1));
play.addEventListener("click", () => {
  if (timer) return stop();
  if (at() === moments.length - 1) show(0);
  play.textContent = "Pause";
  timer = setInterval(() => {
    to(at() + 1);
    if (at() === moments.length - 1) stop();
  }, 800);
});
// Arrow keys move, too, while nothing that has keys of its own is in focus.
document.addEventListener("keydown", (event) => {
  if (document.activeElement && document.activeElement !== document.body) return;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowLeft") to(at() - 1);
  if (event.key === "ArrowRight") to(at() + 1);
});
show(0);
