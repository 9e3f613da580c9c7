// The look of the map: a quiet ground, data in colour.

import type { ExpressionSpecification, LayerSpecification, StyleSpecification, SymbolLayerSpecification } from "maplibre-gl";
import { RADIUS_OF_ONE_PX, UNKNOWN, ramp } from "../lib/colours";
import { NAME_GAP_PX, NAME_PX, WIDEST_NAME_EM } from "./first_names";
import { CLOSE_FROM_ZOOM } from "./zooms";
import { STREETS_FROM_ZOOM } from "./streets";

export const FONTS = ["system-ui, sans-serif"];
/** An image of nothing: it keeps names off the circles. */
export const BLANK = "blank";
/** Where a name may stand beside its spot, the first that is free. */
const ANCHORS: ("left" | "right" | "top" | "bottom" | "top-left" | "top-right" | "bottom-left" | "bottom-right")[] = ["left", "right", "top", "bottom", "top-left", "bottom-left", "top-right", "bottom-right"];

interface Ink {
  ground: string;
  land: string;
  edge: string;
  street: string;
  ink: string;
  halo: string;
  outline: string;
  report: string;
  near: string;
  choice: string;
}

export function ink(dark: boolean): Ink {
  return dark
    ? { ground: "#08121d", land: "#27313c", edge: "#414e5b", street: "#3a4753", ink: "#e6ecf1", halo: "#10171f", outline: "#e8eef3", report: "#7c93a8", near: "#c9d3dc", choice: "#ffb454" }
    : { ground: "#e4e9ec", land: "#f7f7f4", edge: "#cfd5d6", street: "#e3e4e0", ink: "#24303b", halo: "#f7f7f4", outline: "#1d2733", report: "#6d7f90", near: "#4a5765", choice: "#c2410c" };
}

export function style(dark: boolean): StyleSpecification {
  return {
    version: 8,
    sources: {},
    layers: [{ id: "ground", type: "background", paint: { "background-color": ink(dark).ground } }],
  };
}

const MEMBER_PX = 4.5;
const MEMBERS_NAMED_FROM_ZOOM = 15.5;
/** The next of the list, and all others, each where a place is free. */
const NAMED_FROM_ZOOM = { 1: 12, 2: 15 };
/** Signs of a criterion would hide a city seen from afar. */
const SIGNED_FROM_ZOOM = 11;
const share: ExpressionSpecification = ["get", "share"];
/** Circles grow as one comes closer, so that they stay apart far away and are seen close by. */
function grown(px: ExpressionSpecification | number, more: ExpressionSpecification | number = 0): ExpressionSpecification {
  return ["interpolate", ["linear"], ["zoom"], 9, ["+", ["*", px, 0.8], more], 12, ["+", px, more], 16, ["+", ["*", px, 1.7], more]] as ExpressionSpecification;
}
const radius: ExpressionSpecification = ["*", RADIUS_OF_ONE_PX, ["sqrt", ["min", ["max", ["get", "occasions"], 1], 100]]];
/** Those that do not meet the criterion chosen step back. */
const meets = (opacity: number): ExpressionSpecification => ["match", ["get", "verdict"], ["fails", "cannot_be_judged"], opacity * 0.35, opacity];
const is = (status: string): ExpressionSpecification => ["==", ["get", "status"], status];

export function baseLayers(dark: boolean): LayerSpecification[] {
  const { land, edge, ink: text, halo } = ink(dark);
  return [
    { id: "base-land", type: "fill", source: "base", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": land } },
    {
      id: "base-edge",
      type: "line",
      source: "base",
      filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": edge, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.6, 14, 1.4] },
    },
    {
      id: "base-name",
      type: "symbol",
      source: "base-names",
      maxzoom: 13,
      layout: { "text-field": ["get", "name"], "text-font": FONTS, "text-size": 12, "text-letter-spacing": 0.08 },
      paint: { "text-color": text, "text-opacity": 0.55, "text-halo-color": halo, "text-halo-width": 1.2 },
    },
  ];
}

/** What is quiet on a screen would not be seen on paper. */
const PAPER_STREET = "#b3bbbf";

export function streetLayers(dark: boolean, paper = false): LayerSpecification[] {
  const { street, ink: text, halo } = ink(dark);
  return [
    {
      id: "streets",
      type: "line",
      source: "streets",
      minzoom: STREETS_FROM_ZOOM,
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": paper ? PAPER_STREET : street, "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 13, 1, 17, 8] },
    },
    {
      id: "street-name",
      type: "symbol",
      source: "streets",
      minzoom: 15,
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONTS, "text-size": 11 },
      paint: { "text-color": text, "text-opacity": paper ? 1 : 0.6, "text-halo-color": halo, "text-halo-width": paper ? 2 : 1.2 },
    },
  ];
}

/** Single reports: faint from afar, under the hotspots; from close by over them, with a number where there are several. */
export const REPORT_LAYERS = ["reports", "reports-close", "reports-count"];
const count: ExpressionSpecification = ["coalesce", ["get", "count"], 1];

export function reportLayers(dark: boolean): LayerSpecification[] {
  const { report, land } = ink(dark);
  return [
    {
      id: "reports",
      type: "circle",
      source: "reports",
      "source-layer": "reports",
      minzoom: 12.5,
      maxzoom: CLOSE_FROM_ZOOM,
      paint: {
        "circle-color": ["case", ["==", ["get", "dry"], true], land, report],
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, ["min", 6, ["+", 1, ["sqrt", count]]], 17, ["min", 12, ["+", 2.5, ["sqrt", count]]]],
        "circle-opacity": ["interpolate", ["linear"], ["zoom"], 12.5, 0, 13.2, 0.55],
        "circle-stroke-color": report,
        "circle-stroke-width": 0.8,
        "circle-stroke-opacity": ["interpolate", ["linear"], ["zoom"], 12.5, 0, 13.2, 0.8],
      },
    },
  ];
}

export function closeLayers(dark: boolean): LayerSpecification[] {
  const { near, halo } = ink(dark);
  const dry: ExpressionSpecification = ["==", ["get", "dry"], true];
  const layer = { source: "reports", "source-layer": "reports", minzoom: CLOSE_FROM_ZOOM } as const;
  return [
    {
      ...layer,
      id: "reports-close",
      type: "circle",
      paint: {
        "circle-color": ["case", dry, halo, near],
        "circle-radius": ["case", [">", count, 1], ["min", 12, ["+", 6, ["*", 0.8, ["sqrt", count]]]], 4],
        "circle-stroke-color": ["case", dry, near, halo],
        "circle-stroke-width": 1.4,
      },
    },
    {
      ...layer,
      id: "reports-count",
      type: "symbol",
      filter: [">", count, 1],
      layout: { "text-field": ["to-string", count], "text-font": FONTS, "text-size": 10, "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": halo },
    },
  ];
}

/** The spots that belong to a hotspot, tied to its peak: small and hollow, because they share its floods. How many each has
 * is told when it is pointed at; written beside the peak's it would be added to it. */
export function memberLayers(dark: boolean): LayerSpecification[] {
  const { ink: text, halo, outline, land } = ink(dark);
  const point: ExpressionSpecification = ["==", ["geometry-type"], "Point"];
  const layer = { source: "members", minzoom: CLOSE_FROM_ZOOM } as const;
  return [
    {
      ...layer,
      id: "member-lines",
      type: "line",
      filter: ["==", ["geometry-type"], "LineString"],
      paint: { "line-color": outline, "line-width": 1, "line-opacity": 0.5, "line-dasharray": [2, 2] },
    },
    {
      ...layer,
      id: "members",
      type: "circle",
      filter: point,
      paint: { "circle-color": land, "circle-radius": MEMBER_PX, "circle-stroke-color": outline, "circle-stroke-width": 1.2 },
    },
    {
      ...layer,
      id: "member-names",
      type: "symbol",
      minzoom: MEMBERS_NAMED_FROM_ZOOM,
      filter: point,
      layout: {
        "text-field": ["get", "name"],
        "text-font": FONTS,
        "text-size": 11,
        "text-variable-anchor": ANCHORS,
        "text-radial-offset": 0.8,
        "text-justify": "auto",
        "text-max-width": 12,
        "symbol-sort-key": ["-", 0, ["get", "occasions"]],
      },
      paint: { "text-color": text, "text-halo-color": halo, "text-halo-width": 1.6 },
    },
    {
      ...layer,
      id: "member-blocks",
      type: "symbol",
      filter: point,
      layout: { "icon-image": BLANK, "icon-size": 2 * MEMBER_PX, "icon-allow-overlap": true, "icon-padding": 0 },
    },
  ];
}

/** What lies over the map is on top, so that it is placed first. */
export const COVER_LAYER: LayerSpecification = {
  id: "cover",
  type: "symbol",
  source: "cover",
  layout: { "icon-image": BLANK, "icon-size": ["get", "side"], "icon-allow-overlap": true, "icon-padding": 0 },
};

export function hotspotLayers(dark: boolean): { circles: LayerSpecification[]; labels: LayerSpecification[] } {
  const { ink: text, halo, outline, land, choice } = ink(dark);
  const stops = ramp(dark).flat();
  const layout = {
    "text-field": ["format", ["get", "name"], {}, "  ", {}, ["to-string", ["get", "occasions"]], { "font-scale": 0.9 }],
    "text-font": FONTS,
    "text-size": NAME_PX,
    "text-radial-offset": grown(["/", radius, NAME_PX], NAME_GAP_PX / NAME_PX),
    "text-justify": "auto",
    "text-max-width": WIDEST_NAME_EM,
    "symbol-sort-key": ["-", 0, ["get", "occasions"]],
  } satisfies SymbolLayerSpecification["layout"];
  const paint = { "text-color": text, "text-halo-color": halo, "text-halo-width": 1.6 };
  const colour = ["case", ["<", share, 0], UNKNOWN, ["interpolate", ["linear"], share, ...stops]] as ExpressionSpecification;
  const circles: LayerSpecification[] = [
    {
      id: "hotspot-ring",
      type: "circle",
      source: "hotspots",
      filter: is("confirmed"),
      layout: { "circle-sort-key": ["get", "occasions"] },
      paint: {
        "circle-radius": grown(radius, 3),
        "circle-color": land,
        "circle-opacity": meets(0.85),
        "circle-stroke-color": outline,
        "circle-stroke-width": 1.5,
        "circle-stroke-opacity": meets(1),
      },
    },
    {
      id: "hotspots",
      type: "circle",
      source: "hotspots",
      layout: { "circle-sort-key": ["get", "occasions"] },
      paint: {
        "circle-radius": grown(radius),
        "circle-color": ["case", is("candidate"), land, colour] as ExpressionSpecification,
        "circle-opacity": ["case", is("candidate"), meets(0.7), meets(0.92)] as ExpressionSpecification,
        "circle-stroke-color": ["case", is("candidate"), colour, is("recurring"), outline, land] as ExpressionSpecification,
        "circle-stroke-width": ["case", is("candidate"), 1.8, is("recurring"), 0.7, 0] as ExpressionSpecification,
        "circle-stroke-opacity": meets(1),
      },
    },
    {
      id: "hotspot-marked",
      type: "circle",
      source: "marked",
      paint: {
        "circle-radius": grown(radius, 5.5),
        "circle-color": "transparent",
        "circle-stroke-color": choice,
        "circle-stroke-width": 3,
      },
    },
    {
      id: "hotspot-verdict",
      type: "symbol",
      source: "hotspots",
      minzoom: SIGNED_FROM_ZOOM,
      filter: ["!=", ["get", "sign"], ""],
      layout: { "text-field": ["get", "sign"], "text-font": FONTS, "text-size": 12, "text-variable-anchor": ["bottom-left"], "text-radial-offset": grown(["/", radius, NAME_PX], 0.3), "text-allow-overlap": true, "text-ignore-placement": true, "symbol-sort-key": ["get", "occasions"] },
      paint: { "text-color": text, "text-halo-color": halo, "text-halo-width": 1.6 },
    },
  ];
  const named = (names: 1 | 2): LayerSpecification => ({
    id: `hotspot-name-${names}`,
    type: "symbol",
    source: "hotspots",
    minzoom: NAMED_FROM_ZOOM[names],
    filter: ["==", ["get", "names"], names],
    layout: { ...layout, "text-variable-anchor": ANCHORS },
    paint,
  });
  const first: LayerSpecification = {
    id: "hotspot-name-0",
    type: "symbol",
    source: "first",
    layout: { ...layout, "text-anchor": ["get", "side"], "text-padding": 0 },
    paint: { ...paint, "text-halo-width": 3 },
  };
  const blocks = (names: number): LayerSpecification => ({
    id: `hotspot-blocks-${names}`,
    type: "symbol",
    source: "hotspots",
    filter: ["==", ["get", "names"], names],
    layout: { "icon-image": BLANK, "icon-size": grown(["*", 2, radius]), "icon-allow-overlap": true, "icon-padding": 0 },
  });
  // What is on top is placed first: no name stands on a circle, but those of the first of the list, which have their sides
  // already, or in the midst of a city there would be none.
  return { circles, labels: [named(2), named(1), blocks(1), blocks(0), first] };
}
