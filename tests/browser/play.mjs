// Opens a KML of a folder in Chromium and Cesium as a web server hands it out, follows its links, plays its tour, and
// tells as JSON what happened. Nothing outside 127.0.0.1 is reachable.
//
//   node play.mjs FOLDER FILE LEAST [PICTURE.png NAME METRES]
//
// FILE lies below FOLDER; LEAST is how many places must be there before one looks. PICTURE shows the balloon of NAME.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

const [folder, file, least, picture, name, metres] = process.argv.slice(2);
const here = fileURLToPath(new URL(".", import.meta.url));
const cesium = join(here, "node_modules", "cesium", "Build", "Cesium");
const types = {
  ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json",
  ".xml": "text/xml", ".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".wasm": "application/wasm",
  ".kml": "application/vnd.google-earth.kml+xml", ".kmz": "application/vnd.google-earth.kmz",
};
const asked = [];

function fileOf(path) {
  if (path.startsWith("/site/")) {
    asked.push(path.slice("/site/".length));
    return join(folder, normalize(path.slice("/site".length)));
  }
  if (path.startsWith("/cesium/")) return join(cesium, normalize(path.slice("/cesium".length)));
  return join(here, normalize(path));
}

const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://127.0.0.1").pathname);
  try {
    const content = await readFile(fileOf(path));
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
  defaultViewport: { width: 1400, height: 900, deviceScaleFactor: 1 },
  protocolTimeout: 600_000,
});
try {
  const page = await browser.newPage();
  const outside = [], missing = [], errors = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data|about):/.test(url)) outside.push(url);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.url().endsWith("/favicon.ico")) missing.push(response.url());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`${origin}/play.html?kml=${encodeURIComponent(`/site/${file}`)}`);
  await page.waitForFunction("window.atlas", { timeout: 180_000 });
  const entities = await page.evaluate((count) => window.atlas.entities(count), Number(least));
  const tour = file.endsWith(".kmz") ? await page.evaluate(() => window.atlas.play()) : null;
  if (picture) {
    await page.evaluate((wanted, height) => window.atlas.select(wanted, height), name, Number(metres));
    await page.screenshot({ path: picture });
  }
  console.log(JSON.stringify({ entities, tour, asked, outside, missing, errors }));
} finally {
  await browser.close();
  server.close();
}
