// What the maps of these pages share: an engine that lies flat with north above, where it looks, and whose hand moved it.

import { Map as Engine, type LngLatBounds, type MapOptions, MercatorCoordinate, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import type { Camera } from "../lib/view";
import { style } from "./style";

setWorkerUrl(workerUrl);

const SCALE_PX = 110;
/** Marks what the page does to the map. */
export const OURS = { ours: true };

/** What a map shows, how large it is on screen, and how far it reaches from side to side. */
export interface Picture {
  /** Null: what is on screen. */
  of: "city" | "spot" | null;
  /** False: not all of it had been drawn when there was no more time. */
  whole: boolean;
  url: string;
  width: number;
  height: number;
  across_m: number;
}

/** Of the equator, and pixels of the whole world at zoom 0. */
const [AROUND_M, WORLD_PX] = [40_030_228, 512];
/** After a move the map rests once nothing has moved it for so long. */
const REST_MS = 100;
const NEARER_ZOOMS = 1.5;
/** Paper is finer than a screen. */
const PAPER_PX = 2;
/** Who prints waits no longer for what is still being drawn. */
const LONGEST_WAIT_MS = 15_000;

export abstract class FlatMap {
  readonly engine: Engine;
  /** By the reader's hand. */
  protected touched = false;
  /** What is laid on the ground stands there: not before all is loaded, nor while another style is. */
  protected standing = false;
  /** Until it is taken to rest. */
  private resting: ReturnType<typeof setTimeout> | undefined;
  /** It has stood once. */
  protected drawn = false;

  protected constructor(box: HTMLElement, camera: Camera | null, dark: boolean, more: Partial<MapOptions> = {}) {
    this.engine = new Engine({
      container: box,
      style: style(dark),
      center: camera ? [camera.lon, camera.lat] : [0, 20],
      zoom: camera?.zoom ?? 1,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      // Names come and go at once, for a fading one is drawn anew in every frame meanwhile. With 0 the engine would place all
      // names in every frame of a pan, however long that takes; so it spends 2 ms of a frame on them.
      fadeDuration: 1,
      ...more,
    });
    this.engine.touchZoomRotate.disableRotation();
    this.engine.keyboard.disableRotation();
  }

  zoom(by: number): void {
    this.touched = true;
    this.engine.easeTo({ zoom: this.engine.getZoom() + by, duration: 200 });
  }

  goto({ lon, lat, zoom }: Camera): void {
    this.engine.jumpTo({ center: [lon, lat], zoom });
  }

  camera(): Camera {
    const { lng, lat } = this.engine.getCenter();
    return { lon: lng, lat, zoom: this.engine.getZoom() };
  }

  /** Drawn at once and read before the browser shows it: nothing is kept for this between two frames. */
  picture(): Picture {
    this.engine.redraw();
    const { clientWidth: width, clientHeight: height } = this.engine.getCanvas();
    const { lat, zoom } = this.camera();
    const across_m = (width * AROUND_M * Math.cos((lat * Math.PI) / 180)) / (WORLD_PX * 2 ** zoom);
    return { of: null, whole: this.engine.loaded(), url: this.engine.getCanvas().toDataURL("image/png"), width, height, across_m };
  }

  /** Does the reader look from so much nearer than all is seen from that he has chosen a part of it? */
  protected nearer(bounds: LngLatBounds): boolean {
    const all = bounds.isEmpty() ? undefined : this.engine.cameraForBounds(bounds);
    return all?.zoom !== undefined && this.engine.getZoom() > all.zoom + NEARER_ZOOMS;
  }

  /** The picture of what was asked for last, once all of it is drawn. */
  protected async finished(): Promise<Picture> {
    const end = performance.now() + LONGEST_WAIT_MS;
    let whole: boolean;
    do {
      const late = new Promise<false>((done) => setTimeout(() => done(false), end - performance.now()));
      const idle = new Promise<true>((done) => this.engine.once("idle", () => done(true)));
      this.engine.triggerRepaint();
      whole = await Promise.race([idle, late]);
    } while (!this.standing && performance.now() < end);
    return { ...this.picture(), whole };
  }

  remove(): void {
    clearTimeout(this.resting);
    this.engine.remove();
  }

  /** Lays everything on an empty ground. */
  protected abstract lay(): void;

  protected stand(): void {
    this.lay();
    [this.standing, this.drawn] = [true, true];
  }

  /** Another ground, and everything laid on it anew. */
  protected restyle(dark: boolean): void {
    this.standing = false;
    // Of two in a row the first may have laid it.
    this.engine.once("style.load", () => this.standing || this.stand());
    this.engine.setStyle(style(dark), { diff: false });
  }

  protected loaded(): Promise<void> {
    return new Promise((done) => this.engine.once("load", () => done()));
  }

  /** Beside the buttons: neither the legend nor a sheet covers it there. */
  protected scale(): void {
    this.engine.addControl(new ScaleControl({ maxWidth: SCALE_PX }), "top-left");
  }

  /** Says where it looks once it rests after a move: between two drags nothing is done that the second would feel. What the
   * page itself does, or a new size of the window, is no choice of the reader's. */
  protected follow(moved: (camera: Camera, byHand: boolean) => void, restMs = REST_MS): void {
    const { engine } = this;
    let byHand = false;
    const touched = () => (this.touched = true);
    for (const kind of ["wheel", "mousedown", "touchstart", "dblclick"] as const) engine.on(kind, touched);
    engine.getCanvas().addEventListener("keydown", touched);
    engine.on("movestart", () => clearTimeout(this.resting));
    engine.on("moveend", (event) => {
      byHand ||= this.touched && !("ours" in event);
      clearTimeout(this.resting);
      const rests = () => {
        const hand = byHand;
        byHand = false;
        moved(this.camera(), hand);
      };
      if (restMs > 0) this.resting = setTimeout(rests, restMs);
      else rests();
    });
  }
}

export interface Size {
  width: number;
  height: number;
}

/** Room beside what is fitted into a picture, and the least of its sides. */
export const PAPER_PADDING_PX = 26;
const LEAST_PX = 170;

/** As large as there is room for, in the shape of what it is to show. */
export function frame(bounds: LngLatBounds, most: Size): Size {
  if (bounds.isEmpty()) return most;
  const [a, b] = [MercatorCoordinate.fromLngLat(bounds.getSouthWest()), MercatorCoordinate.fromLngLat(bounds.getNorthEast())];
  const [across, down] = [Math.max(b.x - a.x, 1e-9), Math.max(a.y - b.y, 1e-9)];
  const beside = 2 * PAPER_PADDING_PX;
  const scale = Math.min((most.width - beside) / across, (most.height - beside) / down);
  const side = (of: number, largest: number) => Math.round(Math.min(largest, Math.max(LEAST_PX, of * scale + beside)));
  return { width: side(across, most.width), height: side(down, most.height) };
}

/** Draws a map of its own beside the page, in which nobody looks: the one on screen stays as it is. */
export async function apart({ width, height }: Size, draw: (box: HTMLElement, more: Partial<MapOptions>) => Promise<Picture>): Promise<Picture> {
  const box = document.createElement("div");
  Object.assign(box.style, { position: "fixed", left: "-5000px", top: "0", width: `${width}px`, height: `${height}px` });
  box.ariaHidden = "true";
  box.inert = true;
  document.body.append(box);
  try {
    return await draw(box, { pixelRatio: PAPER_PX, interactive: false, trackResize: false });
  } finally {
    box.remove();
  }
}
