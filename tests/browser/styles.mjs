// Judge style files by their own specifications and tell what other readers make of them, as JSON on standard output.
//   node styles.mjs FOLDER SLUG FEATURES.json
//
// FEATURES.json is a list of the properties of features.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { featureFilter, validateStyleMin, createExpression, latest } from "@maplibre/maplibre-gl-style-spec";
import { SldStyleParser } from "geostyler-sld-parser";

const [folder, slug, wishes] = process.argv.slice(2);
const style = JSON.parse(readFileSync(join(folder, `${slug}.maplibre.json`), "utf8"));
const features = JSON.parse(readFileSync(wishes, "utf8"));

// What MapLibre draws for a feature: the value of a paint property of each layer whose filter lets it through.
function drawn(properties) {
  const feature = { type: 1, properties, geometry: [] };
  const globals = { zoom: 10 };
  const told = [];
  for (const layer of style.layers) {
    if (layer.type === "symbol" || layer.type === "raster") continue;
    if (layer.filter && !featureFilter(layer.filter, {}).filter(globals, feature)) continue;
    const values = Object.entries(layer.paint).map(([name, value]) => {
      const expression = createExpression(value, latest[`paint_${layer.type}`][name]);
      if (expression.result !== "success") throw new Error(`${layer.id} ${name}: ${expression.value}`);
      return [name, String(expression.value.evaluate(globals, feature))];
    });
    told.push({ id: layer.id, ...Object.fromEntries(values) });
  }
  return told;
}

// What GeoStyler makes of an SLD, of either version.
async function rules(name) {
  const told = await new SldStyleParser().readStyle(readFileSync(join(folder, name), "utf8"));
  return { errors: told.errors?.map(String) ?? [], warnings: told.warnings ?? [], rules: told.output?.rules ?? [] };
}

console.log(JSON.stringify({
  errors: validateStyleMin(style).map((error) => error.message),
  drawn: features.map(drawn),
  sld: await rules(`${slug}.sld`),
  sld11: await rules(`${slug}_sld11.sld`),
}));
