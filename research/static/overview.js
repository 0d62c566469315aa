// Draws each plot of the page in the page's own colours, and again when day turns to night.
// The room's policy allows neither eval nor inline styles: hence the interpreter, and no style sheet of Vega's.
import { expressionInterpreter } from "/research/static/vendor/vega-interpreter.js";

const night = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

function look() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  const text = { labelColor: of("quiet"), titleColor: of("quiet"), labelFont: of("sans"), titleFont: of("sans"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400 };
  return {
    background: "transparent",
    view: { stroke: null },
    axis: { ...text, gridColor: of("line"), domainColor: of("line"), tickColor: of("line") },
    axisX: { grid: false },
    legend: text,
    bar: { fill: of("series-1") },
    mark: { color: of("series-1") },
    rule: { color: of("ink") },
    range: { category: [1, 2, 3, 4, 5, 6].map((number) => of(`series-${number}`)) },
  };
}

async function draw(data) {
  const place = document.getElementById(data.dataset.plot);
  drawn.get(place)?.finalize();
  const options = {
    mode: "vega-lite", renderer: "svg", ast: true, expr: expressionInterpreter,
    actions: false, defaultStyle: false, tooltip: false, config: look(),
  };
  try {
    drawn.set(place, await vegaEmbed(place, JSON.parse(data.textContent), options));
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
