// Sorting the groups and opening them all: without this the page says the same.
"use strict";
const table = document.getElementById("groups");
const all = () => document.querySelectorAll("details");

function sort(header, headers) {
  const column = headers.indexOf(header);
  const numbers = header.hasAttribute("data-numbers");
  const was = header.getAttribute("aria-sort");
  // Much before little, but A before Z; then the other way round.
  const descending = was ? was === "ascending" : numbers;
  const key = (group) => group.rows[0].cells[column].dataset.key;
  const groups = [...table.tBodies].sort((a, b) => {
    const order = numbers ? key(a) - key(b) : key(a).localeCompare(key(b), "en");
    return descending ? -order : order;
  });
  headers.forEach((other) => other.removeAttribute("aria-sort"));
  header.setAttribute("aria-sort", descending ? "descending" : "ascending");
  table.append(...groups);
}

if (table) {
  const headers = [...table.tHead.rows[0].cells];
  for (const header of headers) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(header, headers));
    header.append(button);
  }

  const open = document.createElement("button");
  open.type = "button";
  open.className = "tool";
  open.textContent = "Open all";
  open.addEventListener("click", () => {
    const groups = [...table.querySelectorAll("details")];
    const closed = groups.some((group) => !group.open);
    groups.forEach((group) => { group.open = closed; });
    open.textContent = closed ? "Close all" : "Open all";
  });
  table.before(open);
}

// A link from the chart or to a group opens that group.
function show() {
  const group = location.hash && document.getElementById(location.hash.slice(1));
  const details = group && group.querySelector("details");
  if (details) details.open = true;
}
addEventListener("hashchange", show);
show();

// Paper cannot be clicked.
addEventListener("beforeprint", () => all().forEach((details) => { details.dataset.was = details.open; details.open = true; }));
addEventListener("afterprint", () => all().forEach((details) => { details.open = details.dataset.was === "true"; }));
