// Bars of rain and incidents, by uPlot.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Course, Occasion, Weather } from "../lib/types";

const HEIGHT_PX = 84;
const AXIS_PX = 22;
const LANES_PX = 106;
const LANES: Weather[] = ["storm", "small_rain", "none", "unknown"];

interface Tones {
  rain: string;
  count: string;
  grid: string;
  text: string;
}

function tones(dark: boolean): Tones {
  return dark
    ? { rain: "#5b9bd5", count: "#c9d3dc", grid: "#2a343f", text: "#9fadba" }
    : { rain: "#3b7bbf", count: "#4a5765", grid: "#e0e4e6", text: "#5a6673" };
}

function font(): string {
  return `11px ${getComputedStyle(document.body).fontFamily}`;
}

/** Days and months in the language of the page. */
function ticks(language: string): uPlot.Axis.DynamicValues {
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  const month = new Intl.DateTimeFormat(language, { month: "short" });
  const year = new Intl.DateTimeFormat(language, { month: "short", year: "numeric" });
  return (_, splits, __, ___, step) =>
    splits.map((s, i) => {
      const at = new Date(s * 1000);
      if (step < 27 * 86_400) return day.format(at);
      return i === 0 || at.getMonth() === 0 ? year.format(at) : month.format(at);
    });
}

const time: uPlot.Axis = { space: 64, size: AXIS_PX, ticks: { size: 3 } };

/** Rain hangs from above, incidents stand below. */
export class Chart {
  #plot: uPlot | null = null;
  #brush: { from: number; to: number } | null = null;
  #watch: ResizeObserver;

  constructor(
    private readonly box: HTMLElement,
    private readonly chosen: (from: number, to: number) => void,
  ) {
    this.#watch = new ResizeObserver(() => {
      this.#plot?.setSize({ width: box.clientWidth, height: HEIGHT_PX });
      this.#draw();
    });
    this.#watch.observe(box);
  }

  show(course: Course, dark: boolean, language: string): void {
    const { rain, count, grid, text } = tones(dark);
    const start = Date.parse(course.start) / 1000;
    const data: uPlot.AlignedData = [course.rain_mm.map((_, i) => start + i * course.step_s), course.rain_mm, course.incidents];
    const most = (of: (number | null)[]) => Math.max(1, ...of.map((n) => n ?? 0));
    const bars = uPlot.paths.bars!({ size: [0.8, 14, 1], align: 1 });
    this.#plot?.destroy();
    this.#plot = new uPlot(
      {
        width: this.box.clientWidth,
        height: HEIGHT_PX,
        padding: [4, 14, 0, 14],
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
        scales: {
          x: { time: true, range: (_, min, max) => [min, max + course.step_s] },
          // Each has its half of the height.
          rain: { range: [0, most(course.rain_mm) * 2.1], dir: -1 },
          count: { range: [0, most(course.incidents) * 2.1] },
        },
        axes: [
          { ...time, stroke: text, font: font(), grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, size: 3 }, values: ticks(language) },
          { show: false, scale: "rain" },
          { show: false, scale: "count" },
        ],
        series: [
          {},
          { scale: "rain", fill: rain, width: 0, paths: bars, points: { show: false } },
          { scale: "count", fill: count, width: 0, paths: bars, points: { show: false } },
        ],
        hooks: {
          setSelect: [
            (plot) => {
              const { left, width } = plot.select;
              // A click chooses nothing; what was drawn by us is no choice.
              if (this.#drawing) return;
              const from = plot.posToVal(left, "x") * 1000;
              const to = plot.posToVal(left + width, "x") * 1000;
              this.chosen(from, width < 3 ? from : to);
            },
          ],
        },
      },
      data,
      this.box,
    );
    this.#draw();
  }

  #drawing = false;

  brush(brush: { from: number; to: number } | null): void {
    this.#brush = brush;
    this.#draw();
  }

  #draw(): void {
    const plot = this.#plot;
    if (!plot) return;
    const width = plot.over.clientWidth;
    const px = (ms: number) => Math.max(0, Math.min(width, plot.valToPos(ms / 1000, "x")));
    const left = this.#brush ? px(this.#brush.from) : 0;
    const right = this.#brush ? px(this.#brush.to) : 0;
    this.#drawing = true;
    plot.setSelect({ left, width: this.#brush ? Math.max(2, right - left) : 0, top: 0, height: plot.over.clientHeight }, false);
    this.#drawing = false;
  }

  remove(): void {
    this.#watch.disconnect();
    this.#plot?.destroy();
  }
}

/** The occasions of one hotspot, a lane for each weather. */
export function lanes(box: HTMLElement, occasions: Occasion[], from: number, to: number, names: Record<Weather, string>, dark: boolean, language: string): () => void {
  const { grid, text, rain, count } = tones(dark);
  const used = LANES.filter((weather) => weather !== "unknown" || occasions.some((o) => o.weather === "unknown"));
  const data: uPlot.AlignedData = [
    occasions.map((o) => Date.parse(o.start) / 1000),
    ...used.map((weather, lane) => occasions.map((o) => (o.weather === weather ? used.length - 1 - lane : null))),
  ];
  const fill: Record<Weather, string> = { storm: rain, small_rain: "transparent", none: count, unknown: "transparent" };
  const size: Record<Weather, number> = { storm: 11, small_rain: 10, none: 6, unknown: 6 };
  const plot = new uPlot(
    {
      width: box.clientWidth,
      height: LANES_PX,
      padding: [6, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: true, range: [from / 1000, to / 1000] }, y: { range: [-0.6, used.length - 0.4] } },
      axes: [
        { ...time, stroke: text, font: font(), grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, size: 3 }, values: ticks(language) },
        {
          stroke: text,
          font: font(),
          size: 84,
          gap: 6,
          splits: used.map((_, i) => i),
          values: () => used.map((_, i) => names[used[used.length - 1 - i]!]),
          grid: { stroke: grid, width: 1 },
          ticks: { show: false },
        },
      ],
      series: [
        {},
        ...used.map(
          (weather): uPlot.Series => ({
            paths: () => null,
            stroke: weather === "none" || weather === "unknown" ? count : rain,
            points: { show: true, size: size[weather], width: 1.6, fill: fill[weather], stroke: weather === "none" || weather === "unknown" ? count : rain },
          }),
        ),
      ],
    },
    data,
    box,
  );
  const watch = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: LANES_PX }));
  watch.observe(box);
  return () => {
    watch.disconnect();
    plot.destroy();
  };
}
