// Opens a KMZ in Chromium and Cesium and tells, as JSON, what a user sees. Nothing outside 127.0.0.1 is reachable.
//
//   node look.mjs FILE.kmz [VIEWS.json FOLDER]
//
// VIEWS.json is a list of {name, lon, lat, km, select?}; FOLDER takes a picture of each.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { withGlobe } from "./served.mjs";

const [kmz, viewsPath, folder] = process.argv.slice(2);
const own = (path) => (path === "/product.kmz" ? kmz : undefined);

await withGlobe({ script: "earth.js", own }, async (page, wrong) => {
  const told = await page.evaluate(async () => ({
    title: window.atlas.title,
    folders: window.atlas.folders,
    placemarks: await window.atlas.placemarks(),
    grounds: await window.atlas.grounds(),
  }));
  const views = viewsPath ? JSON.parse(await readFile(viewsPath, "utf8")) : [];
  for (const view of views) {
    await page.evaluate((wanted) => window.atlas.look(wanted), view);
    await page.screenshot({ path: join(folder, `${view.name}.png`) });
  }
  const overlays = await page.evaluate(() => window.atlas.overlays());
  console.log(JSON.stringify({ ...told, overlays, ...wrong }));
});
