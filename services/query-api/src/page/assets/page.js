import { get, isBehind } from "./api.js";
import { element, show } from "./dom.js";
import { showExplanation } from "./explanation-view.js";
import { eastern } from "./format.js";
import { markChosen, showNearMisses, showRecommendations } from "./recommendation-view.js";
import { showRun } from "./run-view.js";

// Projection takes some ms after an event is in the log; events of one slot come together.
const REFRESH_DELAY_MS = 150;
const RETRY_DELAY_MS = 250;
const MAX_RETRIES = 20;
const RECONNECT_MS = 5000;

const state = {
  chosenId: null,
  isChosenByHand: false,
  shownId: null,
  newestEventId: null,
  timer: null,
};

/** Reads everything the page shows; resolves with the log position it reflects. */
async function refresh() {
  const [runs, recommendations, nearMisses] = await Promise.all([
    get("/discovery/runs?limit=1"),
    get("/recommendations?limit=50"),
    get("/near-misses?limit=20"),
  ]);
  showRun(runs.data[0]);
  if (!state.isChosenByHand) state.chosenId = recommendations.data[0]?.id ?? null;
  showRecommendations(recommendations.data, state.chosenId, (id) => {
    state.isChosenByHand = true;
    void choose(id);
  });
  showNearMisses(nearMisses.data);
  showFreshness(runs.freshness);
  if (state.chosenId !== null) await choose(state.chosenId);
  return runs.position;
}

async function choose(id) {
  const isNew = state.shownId !== id;
  state.chosenId = id;
  markChosen(id);
  if (!isNew) return;
  const { data } = await get(`/recommendations/${encodeURIComponent(id)}/explanation`);
  // The verdict may be projected after its recommendation: then the next refresh asks again.
  state.shownId = data.evidence.verdict === null ? null : id;
  showExplanation(data);
  history.replaceState(null, "", `#${id}`);
}

function showFreshness({ asOf, lagRecords, lagMs, stale }) {
  const lag = stale
    ? "The log does not answer: tables may be behind it."
    : lagRecords === 0
      ? "Tables reflect the whole log."
      : `Tables are ${lagRecords} records (${(lagMs / 1000).toFixed(1)} s) behind the log.`;
  show(
    "freshness",
    asOf === null ? lag : element("span", {}, "Newest run: ", eastern(asOf), `. ${lag}`),
  );
}

function setStatus(status, text) {
  const node = document.getElementById("status");
  node.dataset.state = status;
  node.textContent = text;
}

function setNotice(text) {
  const node = document.getElementById("notice");
  node.hidden = text === null;
  node.textContent = text ?? "";
}

/** Refreshes soon; again while the tables have not yet taken in the newest event. */
function refreshSoon(delayMs = REFRESH_DELAY_MS, attempt = 0) {
  clearTimeout(state.timer);
  state.timer = setTimeout(async () => {
    try {
      const position = await refresh();
      setNotice(null);
      const isLate = state.newestEventId !== null && isBehind(position, state.newestEventId);
      if (isLate && attempt < MAX_RETRIES) refreshSoon(RETRY_DELAY_MS, attempt + 1);
    } catch (error) {
      setNotice(error.message);
    }
  }, delayMs);
}

/** Follows the log from the position of what is shown: nothing is missed in between. */
function follow(position) {
  const source = new EventSource(`/events?from=${encodeURIComponent(position)}`);
  source.addEventListener("open", () => setStatus("live", "Live"));
  for (const name of ["run", "recommendation", "alert"]) {
    source.addEventListener(name, (event) => {
      state.newestEventId = event.lastEventId;
      refreshSoon();
    });
  }
  source.addEventListener("error", () => {
    setStatus("offline", "Reconnecting");
    // A refused stream stays closed: read everything again and follow from there.
    if (source.readyState === EventSource.CLOSED) setTimeout(start, RECONNECT_MS);
  });
}

async function start() {
  try {
    follow(await refresh());
    setNotice(null);
  } catch (error) {
    setStatus("offline", "Offline");
    setNotice(error.message);
    setTimeout(start, RECONNECT_MS);
  }
}

function switchTheme() {
  const root = document.documentElement;
  const isDark = getComputedStyle(root).colorScheme === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("amc-theme", root.dataset.theme);
}

const linked = /^#([0-9a-f-]{36})$/.exec(location.hash)?.[1];
if (linked !== undefined) {
  state.chosenId = linked;
  state.isChosenByHand = true;
}
document.getElementById("theme").addEventListener("click", switchTheme);
void start();
