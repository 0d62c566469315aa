// Draws each plot of the page in the page's own colours, and again when day turns to night; the value under the
// pointer, or that the arrow keys have come to, stands below the plot.
// The room's policy allows neither eval nor inline styles: hence the interpreter, and no style sheet of Vega's.
import { expressionInterpreter } from "./vendor/vega-interpreter.js";

const night = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

const style = () => getComputedStyle(document.documentElement);
const colour = (name) => style().getPropertyValue(`--${name}`).trim();

function look() {
  const text = { labelColor: colour("quiet"), titleColor: colour("quiet"), labelFont: colour("sans"), titleFont: colour("sans"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400 };
  return {
    background: "transparent",
    view: { stroke: null },
    axis: { ...text, gridColor: colour("line"), domainColor: colour("line"), tickColor: colour("line") },
    axisX: { grid: false },
    legend: text,
    bar: { fill: colour("plain") },
    mark: { color: colour("plain") },
    rule: { color: colour("ink") },
    text: { color: colour("quiet"), font: colour("sans") },
  };
}

// A plot names its colours; the page's style sheet says what they are by day and by night.
function coloured(spec) {
  for (const layer of spec.layer ?? [spec]) {
    const scale = layer.encoding?.color?.scale;
    if (scale?.range) scale.range = scale.range.map(colour);
  }
  return spec;
}

const words = (value) => Object.entries(value).map(([name, said]) => `${name}: ${said}`).join(", ");

function readable(place) {
  const bars = [...place.querySelectorAll(".mark-rect.role-mark path")].filter((bar) => bar.__data__?.tooltip);
  if (!bars.length) return;
  const below = document.getElementById(`${place.id}-point`);
  let at = -1;
  const show = (number) => {
    bars[at]?.classList.remove("here");
    at = number;
    bars[at]?.classList.add("here");
    below.textContent = at < 0 ? "" : words(bars[at].__data__.tooltip);
    if (at < 0) return;
    place.setAttribute("aria-valuenow", at + 1);
    place.setAttribute("aria-valuetext", below.textContent);
  };
  place.tabIndex = 0;
  place.setAttribute("role", "slider");
  place.setAttribute("aria-valuemin", 1);
  place.setAttribute("aria-valuemax", bars.length);
  place.setAttribute("aria-valuenow", 1);
  place.setAttribute("aria-valuetext", words(bars[0].__data__.tooltip));
  place.onfocus = () => show(Math.max(at, 0));
  place.onblur = () => show(-1);
  place.onkeydown = (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    show(Math.min(Math.max(at + step, 0), bars.length - 1));
  };
  place.onpointermove = (event) => {
    const under = bars.indexOf(event.target);
    if (under >= 0 && under !== at) show(under);
  };
  place.onpointerdown = place.onpointermove;
  place.onpointerleave = () => { if (document.activeElement !== place) show(-1); };
}

async function draw(data) {
  const place = document.getElementById(data.dataset.plot);
  drawn.get(place)?.finalize();
  // In a place of its own within: Vega would call the plot "Vega visualization".
  const within = document.createElement("div");
  place.replaceChildren(within);
  const options = {
    mode: "vega-lite", renderer: "svg", ast: true, expr: expressionInterpreter,
    actions: false, defaultStyle: false, tooltip: () => {}, config: look(),
  };
  try {
    drawn.set(place, await vegaEmbed(within, coloured(JSON.parse(data.textContent)), options));
    readable(place);
    place.dataset.drawn = night.matches ? "dark" : "light";
  } catch (error) {
    place.classList.add("failed");
    place.textContent = "The plot could not be drawn here. The table below has its figures.";
    console.error(error);
  }
}

function all() {
  document.querySelectorAll("script[data-plot]").forEach(draw);
}

night.addEventListener("change", all);
all();
