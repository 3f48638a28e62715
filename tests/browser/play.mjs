// Opens a KML of a folder in Chromium and Cesium as a web server hands it out, follows its links, plays its tour, and
// tells as JSON what happened. Nothing outside 127.0.0.1 is reachable.
//
//   node play.mjs FOLDER FILE LEAST [PICTURE.png NAME METRES]
//
// FILE lies below FOLDER; LEAST is how many places must be there before one looks. PICTURE shows the balloon of NAME.
import { join, normalize } from "node:path";
import { withGlobe } from "./served.mjs";

const [folder, file, least, picture, name, metres] = process.argv.slice(2);
const asked = [];

function own(path) {
  if (!path.startsWith("/site/")) return undefined;
  asked.push(path.slice("/site/".length));
  return join(folder, normalize(path.slice("/site".length)));
}

const query = `&kml=${encodeURIComponent(`/site/${file}`)}`;
await withGlobe({ script: "play.js", query, own }, async (page, wrong) => {
  const entities = await page.evaluate((count) => window.atlas.entities(count), Number(least));
  const tour = file.endsWith(".kmz") ? await page.evaluate(() => window.atlas.play()) : null;
  if (picture) {
    await page.evaluate((wanted, height) => window.atlas.select(wanted, height), name, Number(metres));
    await page.screenshot({ path: picture });
  }
  console.log(JSON.stringify({ entities, tour, asked, ...wrong }));
});
