// The occasions of one hotspot, a lane for each weather, under the city's rain.

import uPlot from "uplot";
import type { Sure } from "../lib/occasions";
import type { Course, Occasion, Weather } from "../lib/types";
import { font, most, round, ticks, time, tones } from "./chart";

const LANE_PX = 24;
const RAIN_PX = 40;
const AXIS_PX = 22;
const NAMES_PX = 130;
const SCALE_PX = 58;
const LANES: Weather[] = ["storm", "small_rain", "none", "unknown"];
const MARK_PX = 4.2;
const ASIDE_PX = 5.8;

/** What the lanes are called, the end of the rain's scale with its unit, and how sure each is. */
export interface Said {
  lane: (weather: Weather, n: number) => string;
  rain: (n: number) => string;
  sure: (one: Occasion) => Sure;
}

export function lanes(box: HTMLElement, occasions: Occasion[], course: Course | null, from: number, to: number, says: Said, dark: boolean, locale: string): () => void {
  const { grid, text, rain, count } = tones(dark);
  const paper = dark ? "#161d25" : "#fff";
  const used = LANES.filter((weather) => weather !== "unknown" || occasions.some((o) => o.weather === "unknown"));
  const data: uPlot.AlignedData = [
    occasions.map((o) => Date.parse(o.start) / 1000),
    ...used.map((weather, lane) => occasions.map((o) => (o.weather === weather ? used.length - 1 - lane : null))),
  ];
  const colour = (weather: Weather) => (weather === "none" || weather === "unknown" ? count : rain);
  const above = course ? RAIN_PX : 0;
  const height = above + used.length * LANE_PX + AXIS_PX + 12;
  const names = () => used.map((_, i) => used[used.length - 1 - i]!).map((weather) => says.lane(weather, occasions.filter((o) => o.weather === weather && says.sure(o) !== "not_found").length));
  const plot = new uPlot(
    {
      width: box.clientWidth,
      height,
      padding: [8, course ? SCALE_PX : 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: true, range: [from / 1000, to / 1000] }, y: { range: [-0.5, used.length - 0.5 + above / LANE_PX] } },
      axes: [
        { ...time, stroke: text, font: font(), grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, size: 3 }, values: ticks(locale) },
        {
          stroke: text,
          font: font(),
          size: NAMES_PX,
          gap: 6,
          splits: used.map((_, i) => i),
          values: names,
          grid: { stroke: grid, width: 1 },
          ticks: { show: false },
        },
      ],
      series: [
        {},
        ...used.map((): uPlot.Series => ({ paths: () => null, points: { show: false } })),
      ],
      hooks: {
        drawAxes: course ? [(drawn) => hang(drawn, course, says.rain, rain, text, grid)] : [],
        draw: [(drawn) => used.forEach((weather, i) => spread(drawn, occasions.filter((one) => one.weather === weather)).forEach(([one, aside]) => mark(drawn, one, used.length - 1 - i, aside, says.sure(one), colour(weather), paper)))],
      },
    },
    data,
    box,
  );
  const watch = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height }));
  watch.observe(box);
  return () => {
    watch.disconnect();
    plot.destroy();
  };
}

/** Those that would lie on each other lie above and below their lane, in turns; of each so many pixels. */
function spread(plot: uPlot, some: Occasion[]): [Occasion, number][] {
  const at = some.map(({ start }) => plot.valToPos(Date.parse(start) / 1000, "x"));
  const close = (i: number, j: number) => Math.abs((at[i] ?? -Infinity) - (at[j] ?? Infinity)) < 2 * MARK_PX + 3;
  let turn = 0;
  return some.map((one, i) => {
    turn = close(i, i - 1) ? 1 - turn : 0;
    return [one, close(i, i - 1) || close(i, i + 1) ? (turn ? ASIDE_PX : -ASIDE_PX) : 0];
  });
}

/** One flood by how sure it is, as the key beside the chart has it. */
function mark(plot: uPlot, { start }: Occasion, lane: number, aside: number, sure: Sure, colour: string, paper: string): void {
  const { ctx } = plot;
  const [x, y, r] = [plot.valToPos(Date.parse(start) / 1000, "x", true), plot.valToPos(lane, "y", true) + aside * devicePixelRatio, MARK_PX * devicePixelRatio];
  ctx.save();
  // Its neighbours end short of it.
  ctx.fillStyle = paper;
  ctx.beginPath();
  ctx.arc(x, y, r + 2 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.4 * devicePixelRatio;
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  // What lies below must not look like what fills it.
  ctx.fill();
  ctx.fillStyle = colour;
  if (sure === "not_found") {
    ctx.moveTo(x - r, y + r);
    ctx.lineTo(x + r, y - r);
  }
  ctx.stroke();
  if (sure !== "not_found") {
    ctx.beginPath();
    ctx.arc(x, y, r, Math.PI / 2, (sure === "evident" ? 2.5 : 1.5) * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}

/** Bars of rain from above, with a scale at their right. */
function hang(plot: uPlot, { start, step_s, rain_mm }: Course, says: (n: number) => string, rain: string, text: string, grid: string): void {
  const { ctx } = plot;
  const { left, top, width } = plot.bbox;
  const px = devicePixelRatio;
  const [first, right, full] = [Date.parse(start) / 1000, left + width, (RAIN_PX - 6) * px];
  const end = round(most(rain_mm));
  ctx.save();
  ctx.fillStyle = rain;
  rain_mm.forEach((mm, i) => {
    const x = plot.valToPos(first + i * step_s, "x", true);
    const wide = Math.max(1, plot.valToPos(first + (i + 1) * step_s, "x", true) - x - px);
    if (mm && x >= left && x + wide <= right + px) ctx.fillRect(x, top, wide, (mm / end) * full);
  });
  ctx.strokeStyle = grid;
  ctx.beginPath();
  for (const y of [top, top + full]) {
    ctx.moveTo(left, y);
    ctx.lineTo(right + 4 * px, y);
  }
  ctx.stroke();
  ctx.fillStyle = text;
  ctx.font = font().replace("11px", `${11 * px}px`);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText("0", right + 6 * px, top);
  ctx.fillText(says(end), right + 6 * px, top + full);
  ctx.restore();
}
