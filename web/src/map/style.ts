// The look of the map: a quiet ground, data in colour.

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { RADIUS_OF_ONE_PX, UNKNOWN, ramp } from "../lib/colours";
import { STREETS_FROM_ZOOM } from "./streets";

export const FONTS = ["system-ui, sans-serif"];

interface Ink {
  ground: string;
  land: string;
  edge: string;
  street: string;
  ink: string;
  halo: string;
  outline: string;
  report: string;
  choice: string;
}

export function ink(dark: boolean): Ink {
  return dark
    ? { ground: "#0f151b", land: "#18202a", edge: "#303c49", street: "#2a3541", ink: "#dfe6ec", halo: "#0f151b", outline: "#e8eef3", report: "#7c93a8", choice: "#ffb454" }
    : { ground: "#e4e9ec", land: "#f7f7f4", edge: "#cfd5d6", street: "#e3e4e0", ink: "#24303b", halo: "#f7f7f4", outline: "#1d2733", report: "#6d7f90", choice: "#c2410c" };
}

export function style(dark: boolean): StyleSpecification {
  return {
    version: 8,
    sources: {},
    layers: [{ id: "ground", type: "background", paint: { "background-color": ink(dark).ground } }],
  };
}

/** The first of the list, the next, and all others. */
const NAMED_FROM_ZOOM = [0, 12, 15];
const share: ExpressionSpecification = ["get", "share"];
/** Circles grow as one comes closer, so that they stay apart far away and are seen close by. */
function grown(px: ExpressionSpecification | number, more = 0): ExpressionSpecification {
  return ["interpolate", ["linear"], ["zoom"], 9, ["+", ["*", px, 0.8], more], 12, ["+", px, more], 16, ["+", ["*", px, 1.7], more]] as ExpressionSpecification;
}
const radius: ExpressionSpecification = ["*", RADIUS_OF_ONE_PX, ["sqrt", ["min", ["get", "occasions"], 100]]];
const marked: ExpressionSpecification = ["any", ["boolean", ["feature-state", "selected"], false], ["boolean", ["feature-state", "hovered"], false]];
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

export function streetLayers(dark: boolean): LayerSpecification[] {
  const { street, ink: text, halo } = ink(dark);
  return [
    {
      id: "streets",
      type: "line",
      source: "streets",
      minzoom: STREETS_FROM_ZOOM,
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": street, "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 13, 1, 17, 8] },
    },
    {
      id: "street-name",
      type: "symbol",
      source: "streets",
      minzoom: 15,
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONTS, "text-size": 11 },
      paint: { "text-color": text, "text-opacity": 0.6, "text-halo-color": halo, "text-halo-width": 1.2 },
    },
  ];
}

/** Single reports, faint from afar: how the city is seen at all. */
export function reportLayers(dark: boolean): LayerSpecification[] {
  const { report, land } = ink(dark);
  const count: ExpressionSpecification = ["coalesce", ["get", "count"], 1];
  return [
    {
      id: "reports",
      type: "circle",
      source: "reports",
      "source-layer": "reports",
      minzoom: 12.5,
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

export function hotspotLayers(dark: boolean): LayerSpecification[] {
  const { ink: text, halo, outline, land, choice } = ink(dark);
  const stops = ramp(dark).flat();
  const name = {
    type: "symbol",
    source: "hotspots",
    layout: {
      "text-field": ["format", ["get", "name"], {}, "  ", {}, ["to-string", ["get", "occasions"]], { "font-scale": 0.9 }],
      "text-font": FONTS,
      "text-size": 12,
      "text-variable-anchor": ["left", "right", "top", "bottom"],
      "text-radial-offset": ["interpolate", ["linear"], ["get", "occasions"], 2, 0.8, 20, 1.6],
      "text-justify": "auto",
      "text-max-width": 12,
      "symbol-sort-key": ["-", 0, ["get", "occasions"]],
    },
    paint: { "text-color": text, "text-halo-color": halo, "text-halo-width": 1.6 },
  } satisfies Partial<LayerSpecification>;
  const colour = ["case", ["<", share, 0], UNKNOWN, ["interpolate", ["linear"], share, ...stops]] as ExpressionSpecification;
  return [
    {
      id: "hotspot-ring",
      type: "circle",
      source: "hotspots",
      filter: is("confirmed"),
      layout: { "circle-sort-key": ["get", "occasions"] },
      paint: {
        "circle-radius": grown(radius, 3),
        "circle-color": land,
        "circle-opacity": 0.85,
        "circle-stroke-color": outline,
        "circle-stroke-width": 1.5,
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
        "circle-opacity": ["case", is("candidate"), 0.7, 0.92] as ExpressionSpecification,
        "circle-stroke-color": ["case", is("candidate"), colour, is("recurring"), outline, land] as ExpressionSpecification,
        "circle-stroke-width": ["case", is("candidate"), 1.8, is("recurring"), 0.7, 0] as ExpressionSpecification,
      },
    },
    {
      id: "hotspot-marked",
      type: "circle",
      source: "hotspots",
      paint: {
        "circle-radius": grown(radius, 5.5),
        "circle-color": "transparent",
        "circle-stroke-color": choice,
        "circle-stroke-width": 3,
        "circle-stroke-opacity": ["case", marked, 1, 0] as ExpressionSpecification,
      },
    },
    ...NAMED_FROM_ZOOM.map((minzoom, names): LayerSpecification => ({ ...name, id: `hotspot-name-${names}`, minzoom, filter: ["==", ["get", "names"], names] })),
  ];
}
