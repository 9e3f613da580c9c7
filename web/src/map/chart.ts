// Bars of rain and occasions, by uPlot.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Course } from "../lib/types";

const HEIGHT_PX = 104;
const AXIS_PX = 22;
/** Bars have their halves of the height; a line between them keeps off the edges by so much of it. */
const LEVEL_EDGE = 0.12;
/** Room for the largest number with its unit. */
const SCALE_PX = 52;
/** Of its half, so much is left free between the two. */
const APART = 2.1;

export interface Tones {
  rain: string;
  count: string;
  level: string;
  grid: string;
  text: string;
}

export function tones(dark: boolean): Tones {
  return dark
    ? { rain: "#5b9bd5", count: "#c9d3dc", level: "#5fd0a5", grid: "#2a343f", text: "#9fadba" }
    : { rain: "#3b7bbf", count: "#4a5765", level: "#0b7a55", grid: "#e0e4e6", text: "#5a6673" };
}

export function font(): string {
  return `11px ${getComputedStyle(document.body).fontFamily}`;
}

/** Days and months as the page writes them. */
export function ticks(locale: string): uPlot.Axis.DynamicValues {
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  const month = new Intl.DateTimeFormat(locale, { month: "short" });
  const year = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric" });
  return (_, splits, __, ___, step) =>
    splits.map((s, i) => {
      const at = new Date(s * 1000);
      if (step < 27 * 86_400) return day.format(at);
      return i === 0 || at.getMonth() === 0 ? year.format(at) : month.format(at);
    });
}

export const time: uPlot.Axis = { space: 64, size: AXIS_PX, ticks: { size: 3 } };

/** The end of a scale: the next round number. */
export function round(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 3, 4, 5, 6, 8, 10].find((n) => n * power >= most) ?? 10) * power;
}

export function most(of: (number | null)[]): number {
  return of.reduce<number>((top, n) => Math.max(top, n ?? 0), 1);
}

/** The lowest and the highest that was read, apart; nothing where nothing was. */
function spread(levels: (number | null)[]): [number, number] | undefined {
  const read = levels.filter((m) => m !== null);
  if (read.length === 0) return undefined;
  const [low, high] = [Math.min(...read), Math.max(...read)];
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

/** Rain hangs from above, occasions stand below. */
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

  /** `says`: the end of each scale with its unit. */
  show(course: Course, dark: boolean, locale: string, says: { rain: (n: number) => string; occasions: (n: number) => string; level: (m: number) => string }): void {
    const { rain, count, level: line, grid, text } = tones(dark);
    const start = Date.parse(course.start) / 1000;
    const data: uPlot.AlignedData = [course.rain_mm.map((_, i) => start + i * course.step_s), course.rain_mm, course.occasions];
    const levels = course.level?.level_m_max;
    if (levels) data.push(levels);
    const reach = levels && spread(levels);
    const top = { rain: round(most(course.rain_mm)), count: round(most(course.occasions)) };
    const scale = (name: keyof typeof top, side: uPlot.Axis.Side, label: (n: number) => string): uPlot.Axis => ({
      scale: name,
      side,
      stroke: text,
      font: font(),
      size: SCALE_PX,
      gap: 4,
      splits: () => [0, top[name]],
      values: (_, splits) => splits.map((n) => (n > 0 ? label(n) : "0")),
      // The days have lines: those of two scales beside them would be read as of both.
      grid: { show: false },
      ticks: { stroke: grid, size: 4 },
    });
    const bars = uPlot.paths.bars!({ size: [0.8, 14, 1], align: 1 });
    this.#plot?.destroy();
    this.#plot = new uPlot(
      {
        width: this.box.clientWidth,
        height: HEIGHT_PX,
        padding: [8, 0, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
        scales: {
          x: { time: true, range: (_, min, max) => [min, max + course.step_s] },
          // Each has its half of the height.
          rain: { range: [0, top.rain * APART], dir: -1 },
          count: { range: [0, top.count * APART] },
          ...(reach && { level: { range: [reach[0] - LEVEL_EDGE * (reach[1] - reach[0]), reach[1] + LEVEL_EDGE * (reach[1] - reach[0])] } satisfies uPlot.Scale }),
        },
        axes: [
          { ...time, stroke: text, font: font(), grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, size: 3 }, values: ticks(locale) },
          { ...scale("rain", 3, says.rain), ...(course.rain_mm.every((mm) => mm === null) && { splits: () => [] }) },
          scale("count", 1, says.occasions),
          ...(reach ? [{ ...scale("count", 1, says.level), scale: "level", stroke: line, splits: () => reach, values: (_: uPlot, splits: number[]) => splits.map(says.level) }] : []),
        ],
        series: [
          {},
          { scale: "rain", fill: rain, width: 0, paths: bars, points: { show: false } },
          { scale: "count", fill: count, width: 0, paths: bars, points: { show: false } },
          // A day without a reading is a gap.
          ...(reach ? [{ scale: "level", stroke: line, width: 1.5, points: { size: 4, fill: line } }] : []),
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
