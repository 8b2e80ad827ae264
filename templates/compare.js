// Comparing projects: the choice, which stands in the address; the picture, the numbers, and both to take away.
"use strict";

(() => {
  const MOST = 8;
  const DASHES = ["1 0", "7 3", "2 3", "9 3 2 3", "12 3", "4 4", "7 3 2 3 2 3", "1 0"];
  const SHAPES = [
    "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0", "M-3-3h6v6h-6Z", "M0-4 4 3H-4Z", "M0-4 4 0 0 4-4 0Z",
    "M0 4 4-3H-4Z", "M-1.5-4h3v2.5H4v3H1.5V4h-3V1.5H-4v-3h2.5Z", "M4 0-3 4V-4Z", "M-4 0 3 4V-4Z",
  ];
  const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
  const SVG = "http://www.w3.org/2000/svg";
  const id = (name) => document.getElementById(name);
  const [tool, form, add, names, chosen, said, picture, says, notes, table, key] =
    ["compare", "choose", "add", "names", "chosen", "said", "picture", "says", "notes", "numbers", "key"].map(id);
  const CONTROLS = { metric: id("metric"), show: id("show"), scale: id("scale"), by: id("by") };
  const SOURCES = Object.fromEntries([...id("sources").querySelectorAll("dt")].map((dt) => [dt.textContent, dt.nextElementSibling.textContent]));
  const DEFAULTS = Object.fromEntries(Object.entries(CONTROLS).map(([name, control]) => [name, control.value]));

  const projects = new Map();
  for (const tile of document.querySelectorAll(".tiles > li")) {
    const link = tile.querySelector("h3 a");
    projects.set(tile.dataset.id.toLowerCase(), { id: tile.dataset.id, name: link.textContent, page: link.href, months: tile.dataset.months });
  }
  const plain = (text) => text.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, " ").trim();
  names.append(...[...projects.values()].map((one) => new Option(one.id, one.name)));

  // --- The choice, and the address -----------------------------------------------------------------------------------

  let choice = { projects: [], ...DEFAULTS };
  let unknown = [];

  const read = () => {
    const query = new URLSearchParams(location.search);
    const wanted = (query.get("projects") ?? tool.dataset.first).split(",").map((name) => name.trim().toLowerCase()).filter(Boolean);
    const known = [...new Set(wanted)].filter((name) => projects.has(name));
    unknown = [...new Set(wanted)].filter((name) => !projects.has(name)).map((name) => `${plain(name)} is not among the tracked projects.`);
    if (known.length > MOST) unknown.push(`At most ${MOST} projects are compared at once; the others are left out.`);
    choice = { projects: known.slice(0, MOST) };
    for (const [name, control] of Object.entries(CONTROLS)) {
      control.value = query.get(name) ?? DEFAULTS[name];
      if (!control.value) {
        unknown.push(`There is no choice “${plain(query.get(name))}” for “${name}”.`);
        control.value = DEFAULTS[name];
      }
      choice[name] = control.value;
    }
  };

  const address = () => {
    const parts = [`projects=${choice.projects.map((name) => name.split("/").map(encodeURIComponent).join("/")).join(",")}`];
    for (const name of Object.keys(CONTROLS)) parts.push(`${name}=${encodeURIComponent(choice[name])}`);
    return `?${parts.join("&")}`;
  };

  const remember = (how) => {
    try {
      history[how](null, "", address());
    } catch {
      // A page opened from a file may not change its address.
    }
  };

  const choose = (change, words) => {
    choice = { ...choice, ...change };
    unknown = [];
    remember("pushState");
    said.textContent = words;
    draw();
  };

  // --- Figures -------------------------------------------------------------------------------------------------------

  const fetched = new Map();
  const figures = (name) => {
    if (!fetched.has(name)) {
      const asked = fetch(projects.get(name).months).then((answer) => {
        if (!answer.ok) throw new Error(`${answer.status}`);
        return answer.json();
      });
      asked.catch(() => fetched.delete(name));
      fetched.set(name, asked);
    }
    return fetched.get(name);
  };

  const month = (text) => 12 * Number(text.slice(0, 4)) + Number(text.slice(5, 7)) - 1;
  const moment = (at) => Date.UTC(Math.floor(at / 12), at % 12, 1); // a month stands where its name does
  const monthName = (at) => `${MONTHS[at % 12]} ${Math.floor(at / 12)}`;

  // A metric of a project as points: at (month), value (null is missing), filled (not observed on its day).
  const points = (metric) => {
    const first = month(metric.first);
    const found = metric.values.map((value, place) => ({ at: first + place * metric.step, value, filled: false }));
    for (const [from, to] of metric.filled_in) for (let place = from; place <= to; place += 1) found[place].filled = true;
    return found;
  };

  // Of a level, a month's gain is what its end has more than the end before; of all else it is the month's own amount.
  const isLevel = (metric) => metric.kind === "stock" || metric.kind === "closing";
  const gains = (found) => found.slice(1).map((point, place) => {
    const before = found[place];
    const known = point.value !== null && before.value !== null;
    return { ...point, value: known ? point.value - before.value : null, filled: point.filled || before.filled };
  });

  const whyNot = (data, metric) => {
    if (!metric) return `no month of ${id("metric").selectedOptions[0].dataset.label} is closed yet, or there is none`;
    if (metric.own && choice.show !== "index") return "it is the owner’s own figure, of which only the index can be compared";
    if (choice.by === "age" && !data.created) return "it is not known when its repository was created";
    return "";
  };

  const place = (point, data, found) => {
    if (choice.by === "date") return point.at;
    return point.at - (choice.by === "age" ? month(data.created) : found.find((one) => one.value !== null).at);
  };

  // What is shown of each chosen project, and why of some there is nothing.
  const series = (given) => {
    const left = [];
    const shown = [];
    given.forEach(({ name, data, fault }, order) => {
      const project = { ...projects.get(name), n: order + 1 };
      const metric = data?.metrics[choice.metric];
      const why = fault || whyNot(data, metric);
      if (why) {
        left.push({ ...project, why });
        return;
      }
      const whole = points(metric);
      const found = choice.show === "month" && isLevel(metric) ? gains(whole) : whole;
      if (!found.some((point) => point.value !== null)) {
        left.push({ ...project, why: "a gain needs two months, one after the other" });
        return;
      }
      shown.push({ ...project, metric, points: found.map((point) => ({ ...point, x: place(point, data, whole) })) });
    });
    return { left, shown };
  };

  // 100 stands where all have something, at the same place; where there is no such place, each begins at its own.
  const index = (shown) => {
    const above = shown.map((one) => new Set(one.points.filter((point) => point.value > 0).map((point) => point.x)));
    const common = above.length ? [...above[0]].filter((x) => above.every((others) => others.has(x))) : [];
    const base = common.length ? Math.min(...common) : null;
    for (const one of shown) {
      const start = base ?? Math.min(...(above[shown.indexOf(one)].size ? above[shown.indexOf(one)] : [NaN]));
      const foot = one.points.find((point) => point.x === start)?.value;
      one.base = foot ? start : null;
      for (const point of one.points) point.value = point.value === null || !foot ? null : (100 * point.value) / foot;
    }
    return base;
  };

  // --- Words ---------------------------------------------------------------------------------------------------------

  const exact = (value) => {
    const places = choice.show === "index" ? { minimumFractionDigits: 1, maximumFractionDigits: 1 } : { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : 2 };
    return value.toLocaleString("en-US", places).replace("-", "−");
  };
  const short = (value) => {
    const size = Math.abs(value);
    const [scale, sign] = [[1e9, "bn"], [1e6, "M"], [1e3, "k"]].find(([least]) => size >= 0.9995 * least) ?? [1, ""];
    return (value / scale).toLocaleString("en-US", { maximumSignificantDigits: 3 }).replace("-", "−") + sign;
  };
  const where = (x) => {
    if (choice.by === "date") return monthName(x);
    return `${x.toLocaleString("en-US").replace("-", "−")} ${Math.abs(x) === 1 ? "month" : "months"}`;
  };
  const SINCE = { age: "after the repository was created", start: "after the figures begin" };
  const at = (x) => (choice.by === "date" ? `in ${monthName(x)}` : `${where(x)} ${SINCE[choice.by]}`);
  const metricOption = () => CONTROLS.metric.selectedOptions[0].dataset;

  const what = (shown, base) => {
    if (choice.show === "index") return base === null ? "indexed: each project is 100 in its own first month" : `indexed: 100 is what each had ${at(base)}`;
    const { unit: counted, label: head } = metricOption();
    const unit = head.toLowerCase().includes(counted.toLowerCase()) ? "" : `${counted} `;
    const level = shown.some((one) => isLevel(one.metric));
    const rolling = shown.some((one) => one.metric.kind === "rolling");
    const span = shown.some((one) => one.metric.step === 3) ? "quarter" : "month";
    if (rolling) return `${unit}by the newest figure of the month, which covers the weeks before it`;
    if (choice.show === "month") return level ? `${unit}gained or lost in the ${span}` : `${unit}in the ${span}`;
    return level ? `${unit}at the end of the ${span}` : `${unit}in the ${span}`;
  };

  const last = (one) => one.points.findLast((point) => point.value !== null);
  const bound = (one) => one.metric.at_least && choice.show !== "index" && !(choice.show === "month" && isLevel(one.metric));

  const remarks = ({ left, shown }, base, hidden, floor) => {
    const found = [...unknown, ...left.map((one) => `${plain(one.name)}: ${one.why}.`)];
    if (choice.show === "index" && base === null && shown.length > 1) {
      found.push("There is no month in which all of them have a figure, so each is 100 where its own figures begin: their heights cannot be compared.");
    }
    for (const one of shown) if (choice.show === "index" && one.base === null) found.push(`${plain(one.name)}: from 0 there is no index.`);
    if (hidden) found.push(`${hidden} ${hidden === 1 ? "number" : "numbers"} of 0 or less ${hidden === 1 ? "has" : "have"} no place on a logarithmic scale: ${hidden === 1 ? "it stands" : "they stand"} in the table.`);
    if (floor) found.push("The upright scale does not begin at 0.");
    for (const one of shown) {
      const since = one.metric.observed_since ? `; observed since ${day(one.metric.observed_since)}` : "";
      const own = one.metric.own ? "the owner’s own figure, which nobody else can check" : (SOURCES[one.metric.source] ?? one.metric.source) + since;
      const least = one.metric.at_least ? "; there was more than was read: a lower bound" : "";
      const index = one.metric.relative ? "; an index, since its level is not published" : "";
      found.push(`${plain(one.name)}: ${own}${least}${index}.`);
    }
    return found;
  };
  const day = (iso) => `${Number(iso.slice(8))} ${MONTHS[Number(iso.slice(5, 7)) - 1]} ${iso.slice(0, 4)}`;

  // --- The picture ---------------------------------------------------------------------------------------------------

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const live = (name) => `var(${name})`;

  const config = (colour) => ({
    background: null,
    font: style("--sans"),
    view: { stroke: null },
    range: { category: Array.from({ length: MOST }, (_, n) => colour(`--c${n + 1}`)) },
    axis: { labelColor: colour("--soft"), titleColor: colour("--soft"), gridColor: colour("--line"), domainColor: colour("--soft"), tickColor: colour("--soft"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", titlePadding: 10, labelPadding: 6 },
    title: { color: colour("--ink"), subtitleColor: colour("--soft"), fontSize: 17, fontWeight: 600, subtitleFontSize: 13, subtitlePadding: 6, subtitleLineHeight: 17 },
    text: { fontSize: 12.5 },
    aria: false,
  });

  // Solid where it was seen, fainter before; a stretch that is filled in reaches to the next point, so that no hole is seen.
  const drawn = (shown) => {
    const rows = [];
    for (const one of shown) {
      let run = 0;
      one.points.forEach((point, order) => {
        const before = one.points[order - 1];
        const base = { n: one.n, x: choice.by === "date" ? moment(point.x) : point.x, bound: bound(one) };
        const tip = point.value === null ? "" : `${plain(one.name)}, ${where(point.x)}: ${bound(one) ? "at least " : ""}${exact(point.value)}${point.filled ? ", filled in" : ""}`;
        const row = { ...base, y: point.y, filled: point.filled, tip, text: plain(one.name) };
        if (before && before.filled !== point.filled) {
          if (before.filled) rows.push({ ...row, filled: true, joint: true, run: `${one.n}-${run}` });
          run += 1;
          if (!before.filled) rows.push({ ...rows.findLast((other) => other.n === one.n), filled: true, joint: true, run: `${one.n}-${run}` });
        }
        rows.push({ ...row, run: `${one.n}-${run}` });
      });
    }
    return rows;
  };

  const wrapped = (text, most) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (longer.length > most && lines.at(-1)) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  };

  // Where the names stand: at the ends of the lines, moved apart where they would cover each other.
  const labels = (view, shown, narrow) => {
    const [x, y] = [view.scale("x"), view.scale("y")];
    const rows = shown.map((one) => [one, one.points.findLast((point) => point.y !== null)]).filter(([, end]) => end).map(([one, end]) => ({
      n: one.n,
      px: x(choice.by === "date" ? moment(end.x) : end.x),
      py: y(end.y),
      text: narrow ? `${one.n}` : label(one.name),
    }));
    rows.sort((one, other) => one.py - other.py);
    const step = 15;
    for (let round = 0; round < 40; round += 1) {
      for (let i = 1; i < rows.length; i += 1) {
        const overlap = step - (rows[i].py - rows[i - 1].py);
        if (overlap > 0 && Math.abs(rows[i].px - rows[i - 1].px) < 90) {
          rows[i - 1].py -= overlap / 2;
          rows[i].py += overlap / 2;
        }
      }
    }
    return rows;
  };
  const label = (name) => (plain(name).length > 18 ? `${plain(name).slice(0, 17)}…` : plain(name));

  let specifications;
  let current = null; // what is drawn now: { shown, base, view, ... }

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const hover = (_, event, item, value) => {
    tip.hidden = !value?.tip && !value;
    if (tip.hidden) return;
    tip.textContent = typeof value === "string" ? value : (Object.values(value)[0] ?? "");
    tip.style.left = `${Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${event.clientY + 14}px`;
  };

  const specification = (given, width, colour) => {
    const narrow = width < 560;
    const upright = choice.scale === "log" ? "log" : given.fromZero ? "zero" : "free";
    const spec = structuredClone(specifications[choice.by][upright]);
    const longest = Math.max(0, ...given.shown.map((one) => label(one.name).length));
    const count = Math.max(0, ...given.shown.map((one) => one.points.length));
    const values = { room: narrow ? 18 : Math.min(150, 16 + 7.6 * longest), dot: count > 72 ? 6 : count > 36 ? 14 : narrow ? 18 : 34 };
    for (const param of spec.params) param.value = values[param.name];
    spec.title.text = given.title;
    spec.title.subtitle = wrapped(given.below, Math.floor(width / 7));
    spec.width = width;
    spec.height = narrow ? 300 : 420;
    const runs = drawn(given.shown);
    spec.datasets = { runs, points: runs.filter((row) => !row.joint), labels: [] };
    return [spec, { config: config(colour), narrow }];
  };

  const embedded = async (element, given, width, colour, renderer) => {
    const [spec, { config: looks, narrow }] = specification(given, width, colour);
    const result = await vegaEmbed(element, spec, { mode: "vega-lite", actions: false, ast: true, defaultStyle: false, renderer, config: looks, tooltip: hover, hover: false });
    await result.view.data("labels", labels(result.view, given.shown, narrow)).runAsync();
    return result;
  };

  // --- All together --------------------------------------------------------------------------------------------------

  let turn = 0;
  const draw = async () => {
    const mine = (turn += 1);
    tool.setAttribute("aria-busy", "true");
    list();
    const given = await Promise.all(choice.projects.map(async (name) => {
      try {
        return { name, data: await figures(name) };
      } catch (fault) {
        return { name, fault: `its figures could not be fetched (${fault.message})` };
      }
    }));
    if (mine !== turn) return;
    const found = series(given);
    const base = choice.show === "index" ? index(found.shown) : null;
    let hidden = 0;
    for (const one of found.shown) {
      for (const point of one.points) {
        point.y = point.value;
        if (choice.scale === "log" && point.value !== null && point.value <= 0) {
          point.y = null;
          hidden += 1;
        }
      }
    }
    const all = found.shown.flatMap((one) => one.points.map((point) => point.y)).filter((value) => value !== null);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const amounts = choice.show !== "index" && found.shown.some((one) => !isLevel(one.metric) || choice.show === "month");
    const fromZero = choice.scale !== "log" && (amounts || low < high / 2);
    const { label: name } = metricOption();
    const title = name;
    const from = [...new Set(found.shown.map((one) => one.metric.credit ?? (one.metric.own ? "the owners" : (SOURCES[one.metric.source] ?? one.metric.source))))];
    const asOf = `${from.length ? `Source: ${from.join("; ")}. ` : ""}As of ${day(tool.dataset.asof)}. ${plain(tool.dataset.title)}`;
    const below = `${what(found.shown, base)}${choice.scale === "log" ? "; logarithmic scale" : ""}. ${asOf}`;
    current?.result?.finalize();
    current = { ...found, base, title, below: below[0].toUpperCase() + below.slice(1), fromZero, choice };
    const ends = found.shown.map((one) => [one, last(one)]).filter(([, end]) => end).map(([one, end]) => `${plain(one.name)} ${bound(one) ? "at least " : ""}${short(end.value)} (${where(end.x)})`);
    const sentence = ends.length ? `${name}, ${what(found.shown, base)}. Last: ${ends.join(", ")}.` : "There is nothing to draw for this choice.";
    says.textContent = sentence;
    picture.setAttribute("aria-label", `${sentence} The numbers stand in the table below.`);
    const floor = choice.scale !== "log" && !fromZero && all.length > 0;
    notes.replaceChildren(...remarks(found, base, hidden, floor).map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    fill(found.shown);
    for (const button of id("take").children) button.disabled = !ends.length;
    picture.hidden = !all.length;
    if (all.length) {
      const result = await embedded(picture, current, picture.clientWidth, live, "svg");
      if (mine === turn) current.result = result;
      else result.finalize();
    }
    if (mine === turn) tool.setAttribute("aria-busy", "false");
  };

  const element = (name, attributes, ...inside) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  };

  const swatch = (n) => {
    const svg = document.createElementNS(SVG, "svg");
    const attributes = { viewBox: "0 0 36 12", "aria-hidden": "true", class: `swatch n${n}` };
    for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", "M1 6H35");
    line.setAttribute("stroke-dasharray", DASHES[n - 1]);
    const shape = document.createElementNS(SVG, "path");
    shape.setAttribute("d", SHAPES[n - 1]);
    shape.setAttribute("transform", "translate(18 6)");
    shape.setAttribute("class", "shape");
    svg.append(line, shape);
    return svg;
  };

  const list = () => {
    chosen.replaceChildren(...choice.projects.map((name, order) => {
      const project = projects.get(name);
      const link = element("a", { href: project.page }, element("bdi", {}, project.name));
      const remove = element("button", { type: "button", "aria-label": `Remove ${plain(project.name)}` }, "×");
      remove.addEventListener("click", () => {
        choose({ projects: choice.projects.filter((other) => other !== name) }, `${plain(project.name)} is removed. ${number()}`);
        (chosen.querySelectorAll("button")[Math.min(order, choice.projects.length - 1)] ?? add).focus();
      });
      return element("li", {}, swatch(order + 1), element("b", {}, `${order + 1}`), link, remove);
    }));
  };
  const number = () => `${choice.projects.length} of at most ${MOST} projects.`;

  const fill = (shown) => {
    const places = [...new Set(shown.flatMap((one) => one.points.map((point) => point.x)))].sort((a, b) => (choice.by === "date" ? b - a : a - b));
    const heads = shown.map((one) => element("th", { scope: "col", class: "n" }, `${one.n} `, element("bdi", {}, one.name)));
    const corner = choice.by === "date" ? "Month" : choice.by === "age" ? "Age" : "Since the start";
    const head = element("thead", {}, element("tr", {}, element("th", { scope: "col" }, corner), ...heads));
    const known = shown.map((one) => new Map(one.points.map((point) => [point.x, point])));
    const rows = places.map((x) => element("tr", {}, element("th", { scope: "row" }, where(x)), ...known.map((all, order) => cell(all.get(x), shown[order]))));
    const caption = element("caption", { class: "vh" }, `${metricOption().label}: ${current ? current.below : ""}`);
    table.replaceChildren(caption, head, element("tbody", {}, ...rows));
    const filled = shown.some((one) => one.points.some((point) => point.filled && point.value !== null));
    key.textContent = `“–” is a missing month: the line is broken there.${filled ? " * filled in: worked out afterwards, or some of its days stand in for others; drawn fainter, with hollow points." : ""}${shown.some(bound) ? " ≥ and ↑: a lower bound." : ""}`;
  };

  const cell = (point, one) => {
    if (!point || point.value === null) return element("td", { class: "n" }, element("span", { class: "missing" }, "–", element("span", { class: "vh" }, " missing")));
    const inside = [`${bound(one) ? "≥ " : ""}${exact(point.value)}`];
    if (point.filled) inside.push(element("span", { "aria-hidden": "true" }, "*"), element("span", { class: "vh" }, " filled in"));
    return element("td", { class: "n", title: `${point.value}` }, ...inside);
  };

  // --- Taking away ---------------------------------------------------------------------------------------------------

  const save = (content, type, ending) => {
    const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
    const link = element("a", { href: url, download: `compare-${choice.metric}-${choice.show}-${choice.by}.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };

  // The picture as a file stands alone: with its own ground, and colours as they are now.
  const alone = async (take) => {
    const aside = element("div", {});
    const result = await embedded(aside, current, 960, style, "none");
    try {
      return await take(result.view.background(style("--card")));
    } finally {
      result.finalize();
    }
  };

  // A cell is never the beginning of a formula, and text stays on its line.
  const csvCell = (value) => {
    if (typeof value !== "string") return value === null ? "" : `${value}`;
    const line = value.replace(/[\u0000-\u001f\u007f]/g, " ");
    const safe = /^\s*[=+\-@]/.test(line) ? `'${line}` : line;
    return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };

  const csv = () => {
    const along = choice.by === "date" ? "month" : choice.by === "age" ? "months_since_created" : "months_since_start";
    const rows = [["id", "name", "metric", "show", along, ...(choice.by === "date" ? [] : ["month"]), "value", "lower_bound", "known", "source", "observed_since", "credit"]];
    for (const one of current.shown) {
      for (const point of one.points) {
        const known = point.value === null ? "missing" : one.metric.own ? "own" : point.filled ? "filled in" : "observed";
        const iso = `${Math.floor(point.at / 12)}-${`${(point.at % 12) + 1}`.padStart(2, "0")}`;
        const when = choice.by === "date" ? [iso] : [point.x, iso];
        rows.push([one.id, one.name, choice.metric, choice.show, ...when, point.value, bound(one) ? "yes" : "no", known, one.metric.source, one.metric.observed_since, one.metric.credit]);
      }
    }
    return rows.map((row) => row.map(csvCell).join(",")).join("\n") + "\n";
  };

  const TAKE = {
    svg: async () => save(await alone((view) => view.toSVG()), "image/svg+xml", "svg"),
    png: async () => {
      const canvas = await alone((view) => view.toCanvas(2));
      save(await new Promise((resolve) => canvas.toBlob(resolve, "image/png")), "image/png", "png");
    },
    csv: async () => save(csv(), "text/csv;charset=utf-8", "csv"),
  };

  // --- Beginning -----------------------------------------------------------------------------------------------------

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = add.value.trim().toLowerCase();
    if (!wanted) return;
    const all = [...projects.entries()];
    const named = all.filter(([, one]) => one.name.toLowerCase() === wanted);
    const [name, project] = (projects.has(wanted) ? [wanted, projects.get(wanted)] : named[0]) ?? [];
    if (!project) said.textContent = `${plain(add.value)} is not among the tracked projects.`;
    else if (named.length > 1) said.textContent = `Several projects are called ${plain(add.value)}: give one of ${named.map(([, one]) => one.id).join(", ")}.`;
    else if (choice.projects.includes(name)) said.textContent = `${plain(project.name)} is there already.`;
    else if (choice.projects.length >= MOST) said.textContent = `At most ${MOST} projects are compared at once: remove one first.`;
    else {
      add.value = "";
      choose({ projects: [...choice.projects, name] }, `${plain(project.name)} is added. ${choice.projects.length + 1} of at most ${MOST} projects.`);
    }
  });
  for (const [name, control] of Object.entries(CONTROLS)) control.addEventListener("change", () => choose({ [name]: control.value }, ""));
  for (const button of id("take").children) button.addEventListener("click", () => TAKE[button.dataset.take]());
  addEventListener("popstate", () => {
    read();
    said.textContent = "";
    draw();
  });

  let width = 0;
  new ResizeObserver(() => {
    if (!specifications || picture.hidden || Math.abs(picture.clientWidth - width) < 8) return;
    width = picture.clientWidth;
    draw();
  }).observe(picture);

  (async () => {
    tool.hidden = false;
    read();
    remember("replaceState");
    list();
    try {
      const answer = await fetch(tool.dataset.specification);
      if (!answer.ok) throw new Error(`${answer.status}`);
      specifications = await answer.json();
    } catch {
      said.textContent = "The picture needs this page to come from a server: opened from a file, it may not read the figures beside it.";
      return;
    }
    width = picture.clientWidth;
    await draw();
  })();
})();
