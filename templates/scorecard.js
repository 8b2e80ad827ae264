// Sorting, searching and filtering of the table. The page is complete without it.
"use strict";

(() => {
  const table = document.getElementById("projects");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const given = new Map(rows.map((row, place) => [row, place]));
  const controls = document.getElementById("controls");
  const [search, category, sort, found] = ["search", "category", "sort", "found"].map((id) => document.getElementById(id));
  const text = new Map(rows.map((row) => [row, (row.cells[0].textContent + " " + row.dataset.c).toLowerCase()]));
  const ADDRESS = { q: search, category, sort };

  // Columns that can be sorted, by the place of their cells in a row. The head has two rows.
  const columns = [];
  const [upper, lower] = [...table.tHead.rows].map((row) => [...row.cells]);
  let place = 0;
  for (const head of upper) {
    const heads = head.colSpan > 1 ? lower.splice(0, head.colSpan) : [head];
    for (const one of heads) {
      if (one.dataset.sort) columns.push({ head: one, place, group: one === head ? "" : head.textContent });
      place += 1;
    }
  }

  const value = (row, column) => {
    if (column.head.dataset.sort === "text") return row.cells[0].textContent.toLowerCase();
    const given = row.cells[column.place].dataset.s;
    return given ? Number(given) : null;
  };

  // What is missing comes last, whichever way is up.
  const compare = (column, way) => (one, other) => {
    const [a, b] = [value(one, column), value(other, column)];
    if (a === null || b === null) return (a === null) - (b === null) || given.get(one) - given.get(other);
    const order = typeof a === "string" ? a.localeCompare(b) : a - b;
    return order * way || given.get(one) - given.get(other);
  };

  const arrange = () => {
    const [place, way] = sort.value.split(" ").map(Number);
    for (const column of columns) column.head.removeAttribute("aria-sort");
    const column = columns.find((one) => sort.value && one.place === place);
    if (column) column.head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
    const order = column ? compare(column, way) : (one, other) => given.get(one) - given.get(other);
    body.append(...[...rows].sort(order));
  };

  const sift = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const fits = words.every((word) => text.get(row).includes(word)) && (!category.value || row.dataset.c === category.value);
      row.hidden = !fits;
      shown += fits;
    }
    found.value = shown === rows.length ? `${shown} projects` : `${shown} of ${rows.length} projects`;
  };

  const remember = () => {
    const query = new URLSearchParams();
    for (const [name, control] of Object.entries(ADDRESS)) if (control.value) query.set(name, control.value);
    const text = query.toString();
    try {
      history.replaceState(null, "", text ? `?${text}` : location.pathname);
    } catch {
      // A page opened from a file may not change its address.
    }
  };

  const refresh = () => {
    sift();
    arrange();
    remember();
  };

  for (const column of columns) {
    const label = column.head.innerText.replace(/\s+/g, " ").trim();
    const name = column.group && column.group !== "Stars" ? label : `${column.group} ${label}`.trim();
    const ways = column.head.dataset.sort === "text" ? [[1, "A to Z"], [-1, "Z to A"]] : [[-1, "most first"], [1, "least first"]];
    for (const [way, words] of ways) sort.append(new Option(`${name}, ${words}`, `${column.place} ${way}`));
    const button = document.createElement("button");
    button.type = "button";
    button.append(...column.head.childNodes);
    column.head.append(button);
    button.addEventListener("click", () => {
      const choices = ways.map(([way]) => `${column.place} ${way}`);
      sort.value = sort.value === choices[0] ? choices[1] : choices[0];
      refresh();
    });
  }

  const wanted = new URLSearchParams(location.search);
  for (const [name, control] of Object.entries(ADDRESS)) control.value = wanted.get(name) ?? "";
  if (!sort.value) sort.value = "";
  for (const control of [search, category, sort]) control.addEventListener("input", refresh);
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.hidden = false;
  sift();
  arrange();
})();
