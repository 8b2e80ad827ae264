// Sorting, searching and filtering of a table of projects, and what stands behind its rows. The page is complete without it.
"use strict";

(() => {
  const table = document.getElementById("projects");
  const groups = [...table.tBodies]; // parts of the table, which are laid out when they come in sight
  const rows = groups.flatMap((group) => [...group.rows]);
  const full = groups[0].rows.length;
  const form = document.getElementById("controls");
  const found = document.getElementById("found");
  const NAMES = ["search", "category", "tag", "reached", "size", "direction", "sort"];
  const controls = Object.fromEntries(NAMES.map((name) => [name, document.getElementById(name)]));
  const UNSEEN = "none";

  // Columns that can be sorted, by the place of their cells in a row. The head has two rows.
  const columns = new Map();
  const [upper, lower = []] = [...table.tHead.rows].map((row) => [...row.cells]);
  for (const head of upper) {
    for (const one of head.colSpan > 1 ? lower.splice(0, head.colSpan) : [head]) {
      const label = one.textContent.replace(/\u00ad/g, "").trim();
      const group = one !== head && head.textContent === "Stars" ? "Stars " : "";
      columns.set(one.dataset.sort ?? one, { head: one, place: columns.size, label: group + label });
    }
  }
  const WORDS = new Set(["project", "category"]); // sorted by the alphabet
  const at = (row, name) => row.children[columns.get(name)?.place]; // nothing where the table has no such column
  const stages = [...table.tHead.querySelectorAll(".s")].map((head) => [head.dataset.sort, columns.get(head.dataset.sort).label]);
  const sizes = table.dataset.sizes.split("|").map((one) => /^(\d+) (.*)$/.exec(one).slice(1));
  const SLICE = 50; // rows that are read at a time, so that nobody waits

  // What is asked of a row again and again, read once: when somebody turns to the table, or slice by slice in quiet moments.
  const known = new Map();
  const slugOf = (row) => row.querySelector("a").getAttribute("href").split("/").pop().replace(/\.html$/, "");
  const read = (row, place) => {
    const tags = (row.dataset.t ?? "").split("\n").filter(Boolean);
    const category = row.dataset.k ?? at(row, "category").textContent;
    const furthest = (row.querySelector("th small") ?? at(row, "furthest")).textContent;
    known.set(row, {
      place,
      tags,
      category,
      text: [row.querySelector("a").textContent, slugOf(row), category, ...tags].join(" ").toLowerCase(),
      reached: stages.findIndex(([, label]) => label === furthest),
      stars: Number((row.dataset.n ?? at(row, "stars")?.dataset.s) || NaN),
      ways: new Map([...(columns.has("growth") ? ["growth"] : []), ...stages.map(([name]) => name)].map((name) => [name, direction(at(row, name))])),
    });
  };
  const steps = [];
  for (let start = 0; start < rows.length; start += SLICE)
    steps.push(() => rows.slice(start, start + SLICE).forEach((row, place) => read(row, start + place)));
  steps.push(() => offerAll());
  const prepare = () => {
    while (steps.length) steps.shift()();
  };
  const prepareSoon = () => {
    if (!steps.length) return;
    (window.requestIdleCallback ?? setTimeout)(() => {
      steps.shift()?.();
      prepareSoon();
    });
  };

  // --- Sorting ---

  const direction = (cell) => cell.querySelector("i")?.className || UNSEEN;
  const age = (text) => ({ today: 0, yesterday: 1 })[text] ?? (parseInt(text.replace(/,/g, ""), 10) || 0);
  const value = (row, name) => {
    const seen = known.get(row);
    if (name === "project") return row.querySelector("a").textContent.toLowerCase();
    if (name === "category") return seen.category.toLowerCase();
    if (name === "furthest") return seen.reached < 0 ? null : seen.reached;
    const cell = at(row, name);
    if (name === "newest") return /^–/.test(cell.textContent) ? null : -age(cell.textContent);
    if (name === "stars") return Number.isNaN(seen.stars) ? null : seen.stars;
    if (cell.dataset.s) return Number(cell.dataset.s);
    return direction(cell) === "steady" ? 0 : null;
  };

  const words = new Intl.Collator("en").compare;
  // What is missing comes last, whichever way is up.
  const sorted = (name, way) => {
    const keyed = rows.map((row) => [value(row, name), known.get(row).place, row]);
    keyed.sort(([a, first], [b, second]) => {
      if (a === null || b === null) return (a === null) - (b === null) || first - second;
      return (typeof a === "string" ? words(a, b) : a - b) * way || first - second;
    });
    return keyed.map((one) => one[2]);
  };

  let order = "";
  const arrange = () => {
    const chosen = controls.sort.value;
    if (chosen === order) return;
    order = chosen;
    const name = chosen.replace(/-up$|-down$/, "");
    const way = chosen.endsWith("-down") ? -1 : 1;
    for (const { head } of columns.values()) head.removeAttribute("aria-sort");
    if (chosen) columns.get(name).head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
    const all = chosen ? sorted(name, way) : rows;
    groups.forEach((group, place) => group.append(...all.slice(place * full, (place + 1) * full)));
  };

  for (const [name, column] of columns) {
    if (typeof name !== "string") continue;
    const ways = WORDS.has(name) ? [["up", "A to Z"], ["down", "Z to A"]] : [["down", name === "newest" ? "newest first" : "most first"], ["up", name === "newest" ? "oldest first" : "least first"]];
    for (const [way, how] of ways) controls.sort.append(new Option(`${column.label}, ${how}`, `${name}-${way}`));
    const button = document.createElement("button");
    button.type = "button";
    button.append(...column.head.childNodes);
    column.head.append(button);
    button.addEventListener("click", () => {
      const [first, second] = ways.map(([way]) => `${name}-${way}`);
      controls.sort.value = controls.sort.value === first ? second : first;
      refresh(true);
    });
  }

  // --- Sifting ---

  const counted = (lists) => {
    const counts = new Map();
    for (const one of lists.flat()) counts.set(one, (counts.get(one) ?? 0) + 1);
    return [...counts].sort(([a], [b]) => words(a, b));
  };
  const offer = (control, choices) => {
    for (const [value, label] of choices) control.append(new Option(label, value));
    control.parentElement.hidden = choices.length < 2;
  };
  const offerAll = () => {
    const all = [...known.values()];
    for (const [name, of] of [["category", (one) => one.category], ["tag", (one) => one.tags]])
      offer(controls[name], counted(all.map(of)).map(([one, count]) => [one, `${one} (${count})`]));
    offer(controls.reached, stages.map(([name, label]) => [name, `${label} or further`]));
    offer(controls.size, sizes);
    for (const [name, label] of [["growth", "Stars"], ...stages]) {
      const seen = new Set(all.map((one) => one.ways.get(name)));
      const ways = ["rising", "steady", "falling", "new"].filter((way) => seen.has(way));
      if (!ways.length) continue;
      const group = document.createElement("optgroup");
      group.label = label;
      group.append(...ways.map((way) => new Option(`${label} ${way}`, `${name}-${way}`)));
      controls.direction.append(group);
    }
  };

  const sizeOf = (stars) => sizes.find(([least]) => stars >= Number(least))?.[0];
  const TESTS = {
    search: (wanted) => {
      const parts = wanted.toLowerCase().split(/\s+/).filter(Boolean);
      return (_, seen) => parts.every((part) => seen.text.includes(part));
    },
    category: (wanted) => (_, seen) => seen.category === wanted,
    tag: (wanted) => (_, seen) => seen.tags.includes(wanted),
    reached: (wanted) => (_, seen) => seen.reached >= stages.findIndex(([name]) => name === wanted),
    size: (wanted) => (_, seen) => sizeOf(seen.stars) === wanted,
    direction: (wanted) => {
      const [name, way] = wanted.split("-");
      return (_, seen) => seen.ways.get(name) === way;
    },
  };

  const sift = () => {
    const tests = Object.entries(TESTS).filter(([name]) => controls[name].value).map(([name, test]) => test(controls[name].value));
    let shown = 0;
    for (const row of rows) {
      const fits = tests.every((test) => test(row, known.get(row)));
      if (row.hidden === fits) row.hidden = !fits;
      shown += fits;
    }
    count(shown);
  };
  // How much room a part takes that is not laid out follows from how many of its rows are shown.
  const measure = (group) => {
    const shown = [...group.rows].filter((row) => !row.hidden).length;
    if (group.hidden !== !shown) group.hidden = !shown;
    group.style.setProperty("--rows", shown);
  };

  // --- The address remembers ---

  const short = (name) => (name === "search" ? "q" : name);
  const remember = (step) => {
    const query = new URLSearchParams();
    for (const [name, control] of Object.entries(controls)) if (control.value) query.set(short(name), control.value);
    const next = `${query.size ? `?${query}` : location.pathname}${location.hash}`;
    if (next === `${location.search || location.pathname}${location.hash}`) return;
    try {
      history[step ? "pushState" : "replaceState"](null, "", next);
    } catch {
      // A page opened from a file may not change its address.
    }
  };

  const show = () => {
    prepare();
    sift();
    arrange();
    groups.forEach(measure);
    besides();
  };
  const recall = () => {
    prepare();
    const wanted = new URLSearchParams(location.search);
    for (const [name, control] of Object.entries(controls)) {
      control.value = wanted.get(short(name)) ?? "";
      if (control.selectedIndex === -1) control.value = ""; // something that is not offered
    }
    show();
  };
  // Each choice is a step that the back button undoes; letters that are typed are one step together.
  let typing = false;
  const refresh = (step) => {
    show();
    remember(step);
  };
  form.addEventListener("input", (event) => {
    const letters = event.target === controls.search;
    refresh(!(letters && typing));
    typing = letters;
  });
  form.addEventListener("reset", () => {
    for (const control of Object.values(controls)) control.value = "";
    typing = false;
    refresh(true);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const link of document.querySelectorAll("a.narrow-to")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      prepare();
      for (const control of Object.values(controls)) control.value = "";
      controls.size.value = new URLSearchParams(link.search).get("size");
      refresh(true);
      const heading = document.getElementById("all");
      heading.scrollIntoView();
      controls.size.focus({ preventScroll: true });
    });
  }
  addEventListener("popstate", recall);

  // --- Beside each other ---

  // The first of those that are shown, on the page that compares; or the project of one row with the first ones.
  const FEW = 4;
  const side = document.getElementById("side");
  const compare = side.getAttribute("href");
  const idOf = (row) => slugOf(row).replace("__", "/");
  const shownFirst = () => {
    const found = [];
    for (const group of groups) for (const row of group.rows) {
      if (!row.hidden) found.push(row);
      if (found.length === FEW) return found;
    }
    return found;
  };
  const besides = () => {
    const first = shownFirst();
    side.hidden = !first.length;
    side.textContent = first.length === 1 ? "Compare it with others" : `Compare the first ${first.length}`;
    side.href = `${compare}?projects=${first.map(idOf).join(",")}`;
  };
  const own = document.createElement("a");
  own.className = "own";
  own.textContent = "compare";
  const offerOwn = (row) => {
    const link = row.querySelector("th a");
    if (link.nextElementSibling === own || document.activeElement === own) return;
    own.href = `${compare}?projects=${idOf(row)}`;
    own.setAttribute("aria-label", `Compare ${link.textContent}`);
    link.after(own);
  };

  // --- What stands behind a row ---

  let behind = null;
  const titled = (row) => [...row.cells].filter((cell) => !cell.matches("th, .k, .h, .l"));
  const fill = async (row) => {
    if (!table.dataset.behind) return null;
    behind ??= fetch(table.dataset.behind).then((got) => (got.ok ? got.json() : {})).catch(() => ({}));
    const titles = (await behind)[slugOf(row)];
    if (!titles || row.dataset.full) return titles;
    row.dataset.full = "1";
    titled(row).forEach((cell, place) => {
      for (const part of cell.querySelectorAll("span[title]")) part.removeAttribute("title");
      cell.title = titles[place];
    });
    return titles;
  };
  const panel = document.createElement("div");
  panel.id = "behind";
  panel.className = "behind";
  const close = () => {
    panel.closest("th")?.querySelector("a").removeAttribute("aria-describedby");
    panel.remove();
  };
  const turn = (event) => {
    const row = event.target.closest("tbody tr");
    if (!row) return null;
    offerOwn(row);
    return row;
  };
  table.addEventListener("pointerover", (event) => {
    const row = turn(event);
    if (row && !row.dataset.full) fill(row);
  });
  table.addEventListener("focusin", async (event) => {
    if (event.target === own) return;
    const row = turn(event);
    const link = event.target.closest("th a");
    if (!row || !link?.matches(":focus-visible")) return;
    const titles = await fill(row);
    if (!titles || document.activeElement !== link) return;
    const labels = [...columns.values()].filter(({ head }) => head.dataset.sort && !/^(project|category|furthest)$/.test(head.dataset.sort)).map(({ label }) => label);
    const lines = titles.slice(0, -1).map((title, place) => [labels[place], title]);
    const list = document.createElement("dl");
    for (const [label, title] of lines) {
      const [term, text] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = label;
      text.textContent = title.startsWith(`${label}: `) ? title.slice(label.length + 2) : title;
      list.append(term, text);
    }
    const reading = document.createElement("p");
    reading.textContent = titles.at(-1);
    panel.replaceChildren(reading, list);
    own.after(panel);
    link.setAttribute("aria-describedby", panel.id);
  });
  table.addEventListener("focusout", close);
  table.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  const count = (shown) => {
    const noun = rows.length === 1 ? "project" : "projects";
    found.value = shown === rows.length ? `${shown} ${noun}` : `${shown} of ${rows.length} ${noun}`;
  };
  for (const turned of ["pointerover", "focusin"]) form.addEventListener(turned, prepare, { once: true });
  form.hidden = false;
  if (location.search) {
    recall();
  } else {
    for (const control of Object.values(controls)) control.value = ""; // a browser may have kept an earlier choice
    count(rows.length);
    measure(groups.at(-1)); // alone it has fewer rows than the stylesheet takes for granted
    besides();
    prepareSoon();
  }
})();
