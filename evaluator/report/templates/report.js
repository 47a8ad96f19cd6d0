// Filters, and pictures at full size in place. Without script the page shows everything and links lead to the files.
"use strict";
(() => {
  const form = document.querySelector("[data-filters]");
  if (form) {
    const items = [...document.querySelectorAll(".item")].map((node) => ({
      node,
      data: node.dataset,
      outcomes: node.dataset.outcomes.split(" ").filter(Boolean).map((entry) => {
        const [place, kind] = entry.split(":");
        const [run, protocol] = place.split(".");
        return { run, protocol, kind };
      }),
      text: null,
    }));
    const wrong = (kind) => kind !== "right" && kind !== "none" && kind !== "unjudged";
    const is = (kind, wanted) => (wanted === "wrong" ? wrong(kind) : kind === wanted);

    const matches = (outcomes, rule) => {
      const runs = [...new Set(outcomes.map((one) => one.run))];
      if (rule === "*:all-right" || rule === "*:all-wrong") {
        const ran = outcomes.filter((one) => one.kind !== "none");
        return ran.length > 0 && ran.every((one) => is(one.kind, rule.slice(6)));
      }
      if (rule === "*:disagree") {
        const protocols = [...new Set(outcomes.map((one) => one.protocol))];
        return protocols.some((name) => {
          const kinds = outcomes.filter((one) => one.protocol === name && one.kind !== "none").map((one) => one.kind === "right");
          return new Set(kinds).size > 1;
        });
      }
      // Several conditions hold for one and the same run.
      const conditions = rule.split(" ").map((part) => part.split(":"));
      return runs.some((run) => conditions.every(([protocol, kind]) =>
        outcomes.some((one) => one.run === run && (protocol === "*" || one.protocol === protocol) && is(one.kind, kind))));
    };

    const apply = () => {
      const wanted = Object.fromEntries(new FormData(form));
      const words = (wanted.q || "").toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const item of items) {
        let ok = ["subtask", "difficulty"].every((key) => !wanted[key] || item.data[key] === wanted[key]);
        ok &&= !wanted.category || [item.data.category, item.data.axis].includes(wanted.category);
        ok &&= !wanted.aspect || item.data.aspects.split(" ").includes(wanted.aspect);
        if (ok && wanted.outcome) {
          ok = matches(wanted.run ? item.outcomes.filter((one) => one.run === wanted.run) : item.outcomes, wanted.outcome);
        }
        if (ok && words.length) {
          item.text ??= item.node.textContent.toLowerCase();
          ok = words.every((word) => item.text.includes(word));
        }
        item.node.hidden = !ok;
        shown += ok;
      }
      form.querySelector("[data-count]").textContent = `${shown} of ${items.length}`;
      const empty = document.querySelector("[data-empty]");
      if (empty) empty.hidden = shown > 0;
      const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value)).toString();
      try {
        history.replaceState(null, "", (query ? `?${query}` : location.pathname) + location.hash);
      } catch { /* some browsers refuse this for files; the filters work all the same */ }
    };

    for (const [key, value] of new URLSearchParams(location.search)) {
      if (form.elements[key]) form.elements[key].value = value;
    }
    let timer = 0;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 80); });
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  // One table of many at a time: buttons for the part and the protocol, for all runs at once.
  for (const frame of document.querySelectorAll("[data-views]")) {
    const views = [...frame.querySelectorAll(".view")];
    const bar = document.createElement("div");
    bar.className = "tabs";
    const chosen = {};
    const show = () => {
      for (const view of views) view.hidden = Object.entries(chosen).some(([key, value]) => view.dataset[key] !== value);
      for (const button of bar.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(chosen[button.dataset.key] === button.value));
      }
    };
    for (const key of ["part", "protocol"]) {
      const values = [...new Set(views.map((view) => view.dataset[key]))];
      chosen[key] = values.includes("difficulty") ? "difficulty" : values[0];
      const group = document.createElement("div");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", key);
      for (const value of values) {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", value, textContent: value });
        button.dataset.key = key;
        button.addEventListener("click", () => { chosen[key] = value; show(); });
        group.append(button);
      }
      bar.append(group);
    }
    if (views.length) { frame.before(bar); show(); }
  }
  if (matchMedia("(min-width: 761px)").matches) {
    for (const one of document.querySelectorAll("[data-open-wide]")) one.open = true;
  }

  const box = document.createElement("dialog");
  box.className = "lightbox";
  const image = document.createElement("img");
  box.append(image);
  document.body.append(box);
  box.addEventListener("click", () => box.close());
  box.addEventListener("close", () => image.removeAttribute("src"));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.picture");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !box.showModal) return;
    event.preventDefault();
    image.src = link.href;
    image.alt = link.querySelector("img").alt;
    box.showModal();
  });
})();
