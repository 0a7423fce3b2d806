(() => {
  const form = document.querySelector(".filter");
  if (!form) return;
  const [word, only, count] = ["filter", "only", "count"].map((id) => document.getElementById(id));
  const cards = [...document.querySelectorAll(".send")];
  const events = new Map([...document.querySelectorAll(".event")].map((item) => [item.dataset.send, item]));
  let texts;
  const apply = () => {
    texts ??= cards.map((card) => card.textContent.toLocaleLowerCase());
    const wanted = word.value.trim().toLocaleLowerCase();
    let shown = 0;
    cards.forEach((card, index) => {
      const fits = texts[index].includes(wanted) && (!only.checked || "findings" in card.dataset);
      card.hidden = !fits;
      const item = events.get(card.id);
      if (item) item.hidden = !fits;
      shown += fits;
    });
    for (const day of document.querySelectorAll(".day")) {
      day.hidden = !day.querySelector(".event:not([hidden])");
    }
    count.textContent = wanted || only.checked ? `${shown} of ${cards.length} sends` : "";
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = cards.length < 2;
  const open = () => {
    const card = location.hash && document.getElementById(location.hash.slice(1));
    if (card && card.tagName === "DETAILS") card.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
