// The page: a globe without any service, and the KMZ on it. What the check asks for hangs on `window.atlas`.
/* global Cesium */

const viewer = new Cesium.Viewer("earth", {
  animation: false, timeline: false, baseLayerPicker: false, geocoder: false, homeButton: false,
  navigationHelpButton: false, sceneModePicker: false, fullscreenButton: false, skyBox: false,
  // Drawing in software is slow: frames are drawn when asked for, and a picture is taken of the last one.
  useDefaultRenderLoop: false,
  // A layer with years sets the clock to its first year, when most features are not there yet.
  automaticallyTrackDataSourceClocks: false,
  contextOptions: { webgl: { preserveDrawingBuffer: true } },
  baseLayer: Cesium.ImageryLayer.fromProviderAsync(
    Cesium.TileMapServiceImageryProvider.fromUrl("/cesium/Assets/Textures/NaturalEarthII"),
  ),
});

const source = await Cesium.KmlDataSource.load("/product.kmz", {
  camera: viewer.camera, canvas: viewer.canvas, screenOverlayContainer: viewer.container, clampToGround: false,
});
await viewer.dataSources.add(source);
const entities = source.entities.values;
const now = Cesium.JulianDate.now();

const marks = entities.filter((entity) => entity.position);
const folders = entities.filter((entity) => !entity.position);
const value = (property) => property?.getValue(now);

/** Colour in the middle of a picture, as #rrggbb. */
async function colour(url) {
  const picture = await createImageBitmap(await (await fetch(url)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const [r, g, b] = context.getImageData(picture.width >> 1, picture.height >> 1, 1, 1).data;
  return "#" + [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
}

/** All that is said of one placemark. */
async function describe(entity) {
  const icon = value(entity.billboard?.image);
  const place = Cesium.Cartographic.fromCartesian(value(entity.position));
  return {
    id: entity.id,
    name: entity.name,
    folder: [entity.parent?.parent?.name, entity.parent?.name],
    icon: icon ? await colours.get(icon.url ?? icon) : null,
    scale: value(entity.billboard?.scale),
    lon: Cesium.Math.toDegrees(place.longitude),
    lat: Cesium.Math.toDegrees(place.latitude),
    balloon: value(entity.description),
  };
}

const colours = new Map();
for (const entity of marks) {
  const icon = value(entity.billboard?.image);
  const url = icon?.url ?? icon;
  if (url && !colours.has(url)) colours.set(url, await colour(url));
}

window.atlas = {
  title: source.name,
  folders: folders.map((entity) => entity.name),
  placemarks: () => Promise.all(marks.map(describe)),
  grounds: async () => {
    const drawn = () => source.entities.values.filter((entity) => entity.rectangle);
    // links are followed one after the other: all is there when nothing has come for a second
    for (let count = -1, still = 0; still < 10; still = drawn().length === count ? still + 1 : 0) {
      count = drawn().length;
      viewer.render();
      await new Promise((done) => setTimeout(done, 100));
    }
    return drawn().map((entity) => {
      const { west, south, east, north } = value(entity.rectangle.coordinates);
      const box = [west, south, east, north].map(Cesium.Math.toDegrees);
      const picture = value(entity.rectangle.material)?.image;
      return { name: entity.name, box, order: value(entity.rectangle.zIndex), picture: Boolean(picture?.url ?? picture) };
    });
  },
  overlays: () =>
    [...viewer.container.querySelectorAll("img")]
      .filter((picture) => picture.src.startsWith("blob:") || picture.src.startsWith("data:"))
      .map((picture) => {
        const { left, top, width, height } = picture.getBoundingClientRect();
        return { left, top, width, height, drawn: picture.complete && picture.naturalWidth > 0 };
      }),
  look: async ({ lon, lat, km, select }) => {
    viewer.camera.setView({ destination: Cesium.Cartesian3.fromDegrees(lon, lat, km * 1000) });
    viewer.selectedEntity = select ? marks.find((entity) => entity.name === select) : undefined;
    for (let frame = 0, still = 0; frame < 30 && still < 2; frame += 1) {
      viewer.render();
      still = viewer.scene.globe.tilesLoaded ? still + 1 : 0;
      await new Promise((done) => setTimeout(done, 50));
    }
  },
};
