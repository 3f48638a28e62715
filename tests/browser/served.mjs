// Serves a folder's files and Cesium to a Chromium that reaches nothing outside 127.0.0.1, and notes what goes wrong.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";

const here = fileURLToPath(new URL(".", import.meta.url));
const cesium = join(here, "node_modules", "cesium", "Build", "Cesium");
const types = {
  ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json",
  ".xml": "text/xml", ".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml", ".wasm": "application/wasm",
  ".kml": "application/vnd.google-earth.kml+xml", ".kmz": "application/vnd.google-earth.kmz",
};

// The file of a path on the server: one of the caller's, Cesium's, or one beside this.
function fileOf(path, own) {
  const found = own(path);
  if (found) return found;
  if (path.startsWith("/cesium/")) return join(cesium, normalize(path.slice("/cesium".length)));
  return join(here, normalize(path));
}

async function serve(own) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://127.0.0.1").pathname);
    try {
      const content = await readFile(fileOf(path, own));
      response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

// Opens globe.html with a script of this folder and hands the page, and what was asked outside, missed and thrown, to
// `use`. `own` gives the file of a path, or nothing.
export async function withGlobe({ script, query = "", own }, use) {
  const { server, origin } = await serve(own);
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
      "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
    defaultViewport: { width: 1400, height: 900, deviceScaleFactor: 1 },
    protocolTimeout: 600_000, // drawing in software on a busy machine is slow
  });
  try {
    const page = await browser.newPage();
    const told = { outside: [], missing: [], errors: [] };
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !/^(blob|data|about):/.test(url)) told.outside.push(url);
    });
    page.on("response", (response) => {
      if (response.status() >= 400 && !response.url().endsWith("/favicon.ico")) told.missing.push(response.url());
    });
    page.on("pageerror", (error) => told.errors.push(String(error)));
    await page.goto(`${origin}/globe.html?script=${script}${query}`);
    await page.waitForFunction("window.atlas", { timeout: 180_000 });
    await use(page, told);
  } finally {
    await browser.close();
    server.close();
  }
}
