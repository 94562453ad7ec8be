// Runs before the first paint, so that a chosen theme does not flash in the other one.
(() => {
  const chosen = localStorage.getItem("amc-theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
