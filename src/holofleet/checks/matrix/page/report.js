// Filters the statements in place, and keeps the choice in the address, so that it can be sent to a colleague.
(() => {
  const form = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const rows = [...document.querySelectorAll(".row")].map((element) => ({
    element,
    groups: [...element.querySelectorAll(".group")],
    text: element.textContent.toLowerCase(),
  }));
  const all = shown.textContent;

  function wanted() {
    const data = new FormData(form);
    const text = (name) => (data.get(name) || "").trim();
    return { words: data.getAll("word"), guide: text("guide"), kind: text("kind"), deployment: text("deployment"), find: text("find").toLowerCase() };
  }

  function told(by, count) {
    const parts = [];
    if (by.words.length) parts.push(by.words.join(" or "));
    if (by.guide) parts.push(`guide ${by.guide}`);
    if (by.kind) parts.push(`kind ${by.kind}`);
    if (by.deployment) parts.push(`deployment ${by.deployment}`);
    if (by.find) parts.push(`with the text ${by.find}`);
    return parts.length ? `${count} of ${rows.length} statements: ${parts.join(", ")}.` : all;
  }

  function apply() {
    const by = wanted();
    let count = 0;
    for (const { element, groups, text } of rows) {
      let any = false;
      for (const group of groups) {
        const names = JSON.parse(group.dataset.deployments);
        const fits = (!by.deployment || !names.length || names.includes(by.deployment))
          && (!by.words.length || by.words.includes(group.dataset.word));
        group.hidden = !fits;
        any ||= fits;
      }
      const fits = any && (!by.guide || element.dataset.guide === by.guide)
        && (!by.kind || element.dataset.kind === by.kind) && (!by.find || text.includes(by.find));
      element.hidden = !fits;
      count += fits;
    }
    for (const body of document.querySelectorAll("tbody")) body.hidden = !body.querySelector(".row:not([hidden])");
    const open = Object.values(by).some((value) => value.length > 0);
    for (const details of document.querySelectorAll(".part details")) details.open = open;
    for (const part of document.querySelectorAll(".part")) part.hidden = !part.querySelector(".row:not([hidden])");
    none.hidden = count > 0;
    shown.textContent = told(by, count);
  }

  function remember() {
    const pairs = [...new FormData(form)].filter(([, value]) => value);
    const query = new URLSearchParams(pairs).toString();
    history.replaceState(null, "", query ? `#?${query}` : location.pathname + location.search);
  }

  function recall() {
    if (!location.hash.startsWith("#?")) return;
    const query = new URLSearchParams(location.hash.slice(2));
    for (const field of form.elements) {
      if (field.type === "checkbox") field.checked = query.getAll(field.name).includes(field.value);
      else if (field.name && query.has(field.name)) field.value = query.get(field.name);
    }
  }

  function reveal() {
    const target = location.hash.startsWith("#?") ? null : document.getElementById(location.hash.slice(1));
    if (!target) return;
    const details = target.closest("details");
    if (details) details.open = true;
    if (target.closest("[hidden]")) { form.reset(); apply(); target.scrollIntoView(); }
  }

  const changed = () => { apply(); remember(); };
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(changed));
  document.getElementById("clear").addEventListener("click", () => { form.reset(); form.querySelector("input").focus(); });
  addEventListener("hashchange", reveal);
  form.hidden = false;
  recall();
  apply();
  reveal();
})();
