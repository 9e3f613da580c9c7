// The map of cells: the same ground as the map of hotspots, and cells on it.

import { type GeoJSONSource, LngLatBounds, type MapOptions } from "maplibre-gl";
import { type Shown, type Silent, middle } from "../lib/cells";
import { ring } from "../lib/ring";
import type { Hotspot } from "../lib/types";
import type { Camera } from "../lib/view";
import { FlatMap, OURS, PAPER_PADDING_PX, type Picture, type Size, apart, frame } from "./flat";
import { corners, ground, names, waters } from "./ground";
import { FONTS, baseLayers, ink } from "./style";

const FIT_PADDING_PX = { top: 36, right: 40, bottom: 20, left: 60 };
/** What lies below the cells takes no more of the map than this. */
const MOST_BELOW = 0.45;
/** Marks of cells of this resolution are told apart from here, of the next coarser ones from so much further away. */
const MARKS_FROM = { zoom: 12.2, resolution: 9, each: 1.4 };
const LOOK_ZOOM = 13;
const PAPER: Size = { width: 520, height: 400 };
/** What is chosen, of the cells and of those outlined. */
const CHOSEN = ["chosen", "chosen-silent"];

export interface Drawing {
  cells: Shown[];
  /** Outlined: fewer reports than around them. */
  silent: Silent[];
  /** In grey, where a question has no cells. */
  spots: Hotspot[];
  resolution: number;
  selected: string | null;
  dark: boolean;
  /** Pixels from the lower edge that the legend covers. */
  below_px: number;
}

export interface Told {
  moved(camera: Camera, byHand: boolean): void;
  chosen(cell: string | null): void;
}

export class CellMap extends FlatMap {
  #drawing: Drawing;
  #base: GeoJSON.FeatureCollection | null = null;
  #waters = waters(null);
  /** It looks where it was told to: what comes later does not move it. */
  #placed: boolean;

  private constructor(box: HTMLElement, drawing: Drawing, camera: Camera | null, more: Partial<MapOptions> = {}) {
    super(box, camera, drawing.dark, more);
    this.#drawing = drawing;
    this.#placed = camera !== null;
  }

  /** Draws into a box; resolves when the ground stands. */
  static async draw(box: HTMLElement, drawing: Drawing, camera: Camera | null, told: Told): Promise<CellMap> {
    const map = new CellMap(box, drawing, camera);
    [map.#base] = await Promise.all([ground(), map.loaded()]);
    map.#waters = waters(map.#base);
    map.stand();
    if (!camera) map.fit(false);
    map.scale();
    map.#listen(told);
    return map;
  }

  show(drawing: Drawing): void {
    const before = this.#drawing;
    this.#drawing = drawing;
    if (drawing.dark !== before.dark && this.drawn) return this.restyle(drawing.dark);
    if (!this.standing) return;
    if (drawing.cells !== before.cells) {
      void (this.engine.getSource("cells") as GeoJSONSource | undefined)?.setData(this.#polygons());
      void (this.engine.getSource("marks") as GeoJSONSource | undefined)?.setData(marks(drawing));
      this.engine.setLayerZoomRange("marks", from(drawing.resolution), 24);
    }
    const first = (drawing.cells !== before.cells && before.cells.length === 0) || (drawing.spots !== before.spots && before.spots.length === 0);
    if (!this.touched && !this.#placed && (first || drawing.below_px !== before.below_px)) this.fit(false);
    if (drawing.silent !== before.silent) {
      void (this.engine.getSource("silent") as GeoJSONSource | undefined)?.setData(this.#hollow());
      void (this.engine.getSource("silent-numbers") as GeoJSONSource | undefined)?.setData(numbers(drawing));
    }
    if (drawing.spots !== before.spots) void (this.engine.getSource("spots") as GeoJSONSource | undefined)?.setData(spots(drawing));
    if (drawing.selected !== before.selected) for (const layer of CHOSEN) this.engine.setFilter(layer, ["==", ["get", "id"], drawing.selected ?? ""]);
  }

  /** Does the middle of a cell lie on water, as far as the ground knows? */
  water({ geometry }: Pick<Shown, "geometry">): boolean {
    return this.#waters(middle(geometry));
  }

  override goto(camera: Camera): void {
    this.#placed = true;
    super.goto(camera);
  }

  look(at: [number, number]): void {
    this.#placed = true;
    this.engine.easeTo({ center: at, zoom: Math.max(this.engine.getZoom(), LOOK_ZOOM), duration: 400 }, OURS);
  }

  #bounds(): LngLatBounds {
    const bounds = new LngLatBounds();
    for (const { geometry } of this.#drawing.cells) for (const [lon = 0, lat = 0] of ring(geometry)) bounds.extend([lon, lat]);
    if (bounds.isEmpty()) for (const { geometry } of this.#drawing.spots) if (geometry) bounds.extend(geometry.coordinates);
    if (bounds.isEmpty()) for (const position of corners(this.#base)) bounds.extend(position);
    return bounds;
  }

  fit(animate = true): void {
    const bounds = this.#bounds();
    const bottom = FIT_PADDING_PX.bottom + Math.min(this.#drawing.below_px, this.engine.getContainer().clientHeight * MOST_BELOW);
    if (!bounds.isEmpty()) this.engine.fitBounds(bounds, { padding: { ...FIT_PADDING_PX, bottom }, maxZoom: 15, animate, duration: 500 }, OURS);
  }

  /** All cells, or the part of them that the reader looks at from nearer. */
  async paper(): Promise<Picture[]> {
    const all = this.#bounds();
    const bounds = this.nearer(all) ? this.engine.getBounds() : all;
    const picture = await apart(frame(bounds, PAPER), async (box, more) => {
      const map = new CellMap(box, { ...this.#drawing, dark: false }, null, more);
      try {
        [map.#base, map.#waters] = [this.#base, this.#waters];
        if (!bounds.isEmpty()) map.engine.fitBounds(bounds, { padding: PAPER_PADDING_PX, maxZoom: 15, animate: false });
        await map.loaded();
        map.stand();
        return await map.finished();
      } finally {
        map.remove();
      }
    });
    return [{ ...picture, of: "city" }];
  }

  protected lay(): void {
    const { engine } = this;
    const { dark, selected, resolution } = this.#drawing;
    const { ink: text, halo, choice, edge, outline } = ink(dark);
    if (this.#base) {
      engine.addSource("base", { type: "geojson", data: this.#base });
      engine.addSource("base-names", { type: "geojson", data: names(this.#base) });
    }
    const base = this.#base ? baseLayers(dark) : [];
    for (const layer of base.filter(({ type }) => type !== "symbol")) engine.addLayer(layer);
    engine.addSource("cells", { type: "geojson", data: this.#polygons() });
    engine.addSource("silent", { type: "geojson", data: this.#hollow() });
    engine.addSource("silent-numbers", { type: "geojson", data: numbers(this.#drawing) });
    engine.addSource("marks", { type: "geojson", data: marks(this.#drawing) });
    engine.addLayer({
      id: "cells",
      type: "fill",
      source: "cells",
      paint: { "fill-color": ["get", "colour"], "fill-opacity": ["case", ["all", ["get", "water"], ["get", "faint"]], 0.1, ["get", "water"], 0.3, ["get", "faint"], 0.35, 0.85] },
    });
    engine.addLayer({ id: "cell-edges", type: "line", source: "cells", paint: { "line-color": edge, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.2, 13, 1] } });
    // Under the cells, so that those inside can be chosen, and its edge over them.
    engine.addLayer({ id: "silent", type: "fill", source: "silent", paint: { "fill-color": outline, "fill-opacity": 0.08 } }, "cells");
    engine.addLayer({ id: "silent-edges", type: "line", source: "silent", paint: { "line-color": outline, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 1.2, 13, 2.4] } });
    engine.addSource("spots", { type: "geojson", data: spots(this.#drawing) });
    engine.addLayer({ id: "spots", type: "circle", source: "spots", paint: { "circle-color": text, "circle-opacity": 0.4, "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 3, 13, 6] } });
    for (const [i, id] of CHOSEN.entries()) engine.addLayer({ id, type: "line", source: i === 0 ? "cells" : "silent", filter: ["==", ["get", "id"], selected ?? ""], paint: { "line-color": choice, "line-width": 3 } });
    for (const layer of base.filter(({ type }) => type === "symbol")) engine.addLayer(layer);
    engine.addLayer({
      id: "marks",
      type: "symbol",
      source: "marks",
      minzoom: from(resolution),
      layout: { "text-field": ["get", "mark"], "text-font": FONTS, "text-size": 13 },
      paint: { "text-color": text, "text-halo-color": halo, "text-halo-width": 1.6 },
    });
    // On top, so that they are placed first: from afar the first of the list have the room, and those too near to one of
    // them are left to the list.
    engine.addLayer({
      id: "silent-numbers",
      type: "symbol",
      source: "silent-numbers",
      layout: { "text-field": ["concat", "#", ["to-string", ["get", "number"]]], "text-font": FONTS, "text-size": 13, "text-padding": 9, "symbol-sort-key": ["get", "number"] },
      paint: { "text-color": choice, "text-halo-color": halo, "text-halo-width": 2 },
    });
  }

  /** Cells whose middle lies on water are there, because people report from piers and bridges, but step back. */
  #polygons(): GeoJSON.FeatureCollection {
    const features = this.#drawing.cells.map(({ id, geometry, colour, faint }): GeoJSON.Feature => {
      return { type: "Feature", geometry, properties: { id, colour, faint, water: this.water({ geometry }) } };
    });
    return { type: "FeatureCollection", features };
  }

  #hollow(): GeoJSON.FeatureCollection {
    return { type: "FeatureCollection", features: this.#drawing.silent.map(({ id, geometry }): GeoJSON.Feature => ({ type: "Feature", geometry, properties: { id } })) };
  }

  #listen(told: Told): void {
    const { engine } = this;
    this.follow((camera, byHand) => told.moved(camera, byHand));
    engine.on("mousemove", ["cells", "silent"], () => (engine.getCanvas().style.cursor = "pointer"));
    engine.on("mouseleave", ["cells", "silent"], () => (engine.getCanvas().style.cursor = ""));
    engine.on("click", ({ point }) => {
      const [found] = engine.queryRenderedFeatures(point, { layers: ["cells", "silent"] });
      told.chosen(found ? String(found.properties.id) : null);
    });
  }
}

function from(resolution: number): number {
  return Math.max(0, MARKS_FROM.zoom + (resolution - MARKS_FROM.resolution) * MARKS_FROM.each);
}

/** What stands in the list beside the same number. */
function numbers({ silent }: Drawing): GeoJSON.FeatureCollection {
  const features = silent.map(({ number, properties: { lon, lat } }): GeoJSON.Feature => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { number } }));
  return { type: "FeatureCollection", features };
}

function spots({ spots }: Drawing): GeoJSON.FeatureCollection {
  const features = spots.flatMap(({ geometry }): GeoJSON.Feature[] => (geometry ? [{ type: "Feature", geometry, properties: {} }] : []));
  return { type: "FeatureCollection", features };
}

function marks({ cells }: Drawing): GeoJSON.FeatureCollection {
  const marked = cells.filter(({ mark }) => mark !== "");
  const features = marked.map(({ geometry, mark }): GeoJSON.Feature => ({ type: "Feature", geometry: { type: "Point", coordinates: middle(geometry) }, properties: { mark } }));
  return { type: "FeatureCollection", features };
}
