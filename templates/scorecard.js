// Sorting, searching and filtering of the table, and what stands behind its rows. The page is complete without it.
"use strict";

(() => {
  const table = document.getElementById("projects");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const form = document.getElementById("controls");
  const found = document.getElementById("found");
  const NAMES = ["search", "category", "tag", "reached", "size", "direction", "sort"];
  const controls = Object.fromEntries(NAMES.map((name) => [name, document.getElementById(name)]));
  const UNSEEN = "none";

  // Columns that can be sorted, by the place of their cells in a row. The head has two rows.
  const columns = new Map();
  const [upper, lower] = [...table.tHead.rows].map((row) => [...row.cells]);
  for (const head of upper) {
    for (const one of head.colSpan > 1 ? lower.splice(0, head.colSpan) : [head]) {
      const label = one.textContent.replace(/\u00ad/g, "").trim();
      const group = one !== head && head.textContent === "Stars" ? "Stars " : "";
      columns.set(one.dataset.sort ?? one, { head: one, place: columns.size, label: group + label });
    }
  }
  const WORDS = new Set(["project", "category"]); // sorted by the alphabet
  const at = (row, name) => row.children[columns.get(name).place];
  const stages = [...table.tHead.querySelectorAll(".s")].map((head) => [head.dataset.sort, columns.get(head.dataset.sort).label]);
  const sizes = table.dataset.sizes.split("|").map((one) => /^(\d+) (.*)$/.exec(one).slice(1));

  // What is asked of a row again and again, read once: when somebody turns to the table, or in a quiet moment.
  const known = new Map();
  const steps = [
    () => {
      for (const [place, row] of rows.entries()) {
        const slug = slugOf(row);
        const tags = (row.dataset.t ?? "").split("\n").filter(Boolean);
        const category = at(row, "category").textContent;
        known.set(row, {
          place,
          tags,
          category,
          text: [row.children[0].textContent, slug, category, ...tags].join(" ").toLowerCase(),
          reached: stages.findIndex(([, label]) => label === at(row, "furthest").textContent),
          stars: Number(at(row, "stars").dataset.s ?? NaN),
        });
      }
    },
    () => offerAll(),
  ];
  const slugOf = (row) => row.querySelector("a").getAttribute("href").split("/").pop().replace(/\.html$/, "");
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

  const direction = (cell) => cell.querySelector("i")?.className ?? UNSEEN;
  const age = (text) => ({ today: 0, yesterday: 1 })[text] ?? (parseInt(text.replace(/,/g, ""), 10) || 0);
  const value = (row, name) => {
    const cell = at(row, name);
    const seen = known.get(row);
    if (name === "project") return cell.textContent.toLowerCase();
    if (name === "category") return seen.category.toLowerCase();
    if (name === "furthest") return seen.reached < 0 ? null : seen.reached;
    if (name === "newest") return cell.querySelector(".missing") || /^–/.test(cell.textContent) ? null : -age(cell.textContent);
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
    body.append(...(chosen ? sorted(name, way) : rows));
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
      const seen = new Set(rows.map((row) => direction(at(row, name))));
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
      return (row) => direction(at(row, name)) === way;
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

  // --- What stands behind a row ---

  let behind = null;
  const titled = (row) => [...row.cells].filter((cell) => !cell.matches("th, .k, .h, .l"));
  const fill = async (row) => {
    behind ??= fetch(table.dataset.behind).then((got) => (got.ok ? got.json() : {})).catch(() => ({}));
    const titles = (await behind)[slugOf(row)];
    if (!titles || row.dataset.full) return titles;
    row.dataset.full = "1";
    titled(row).forEach((cell, place) => {
      for (const part of cell.querySelectorAll("span[title]:not(.missing)")) part.removeAttribute("title");
      cell.title = titles[place];
    });
    return titles;
  };
  const panel = document.createElement("div");
  panel.id = "behind";
  panel.className = "behind";
  const close = () => {
    panel.previousElementSibling?.removeAttribute("aria-describedby");
    panel.remove();
  };
  body.addEventListener("pointerover", (event) => {
    const row = event.target.closest("tr");
    if (row && !row.dataset.full) fill(row);
  });
  body.addEventListener("focusin", async (event) => {
    const link = event.target.closest("th a");
    if (!link?.matches(":focus-visible")) return;
    const row = link.closest("tr");
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
    link.after(panel);
    link.setAttribute("aria-describedby", panel.id);
  });
  body.addEventListener("focusout", close);
  body.addEventListener("keydown", (event) => {
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
    prepareSoon();
  }
})();
