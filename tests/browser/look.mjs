// Opens a KMZ in Chromium and Cesium and tells, as JSON, what a user sees. Nothing outside 127.0.0.1 is reachable.
//
//   node look.mjs FILE.kmz [VIEWS.json FOLDER]
//
// VIEWS.json is a list of {name, lon, lat, km, select?}; FOLDER takes a picture of each.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

const [kmz, viewsPath, folder] = process.argv.slice(2);
const here = fileURLToPath(new URL(".", import.meta.url));
const cesium = join(here, "node_modules", "cesium", "Build", "Cesium");
const types = {
  ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json",
  ".xml": "text/xml", ".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".wasm": "application/wasm",
};

function fileOf(path) {
  if (path === "/product.kmz") return kmz;
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
  await page.goto(`${origin}/earth.html`);
  await page.waitForFunction("window.atlas", { timeout: 180_000 });
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
  console.log(JSON.stringify({ ...told, overlays, outside, missing, errors }));
} finally {
  await browser.close();
  server.close();
}
