// The page: a globe without any service, on which a KML is opened where it lies in the folder, and its tour is played.
/* global Cesium */

const viewer = new Cesium.Viewer("earth", {
  animation: false, timeline: false, baseLayerPicker: false, geocoder: false, homeButton: false,
  navigationHelpButton: false, sceneModePicker: false, fullscreenButton: false, skyBox: false,
  useDefaultRenderLoop: false,
  contextOptions: { webgl: { preserveDrawingBuffer: true } },
  baseLayer: Cesium.ImageryLayer.fromProviderAsync(
    Cesium.TileMapServiceImageryProvider.fromUrl("/cesium/Assets/Textures/NaturalEarthII"),
  ),
});
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const source = await Cesium.KmlDataSource.load(new URLSearchParams(location.search).get("kml"), {
  camera: viewer.camera, canvas: viewer.canvas, screenOverlayContainer: viewer.container, clampToGround: false,
});
await viewer.dataSources.add(source);

const degrees = (radians) => Cesium.Math.toDegrees(radians);
const now = Cesium.JulianDate.now();

/** Where the middle of the window lies, and how far away it is in metres. */
function sight() {
  const { clientWidth, clientHeight } = viewer.canvas;
  const hit = viewer.camera.pickEllipsoid(new Cesium.Cartesian2(clientWidth / 2, clientHeight / 2));
  if (!hit) return null;
  const place = Cesium.Cartographic.fromCartesian(hit);
  const metres = Cesium.Cartesian3.distance(hit, viewer.camera.positionWC);
  return { lon: degrees(place.longitude), lat: degrees(place.latitude), metres };
}

async function still() {
  for (let frame = 0, calm = 0; frame < 30 && calm < 2; frame += 1) {
    viewer.render();
    calm = viewer.scene.globe.tilesLoaded ? calm + 1 : 0;
    await pause(50);
  }
}

window.atlas = {
  /** Names of all that is on the globe, when the links have been followed. */
  async entities(least) {
    for (let turn = 0; turn < 200 && source.entities.values.filter((one) => one.position).length < least; turn += 1) {
      viewer.render();
      source.update(viewer.clock.currentTime);
      await pause(50);
    }
    return source.entities.values.map((entity) => ({
      name: entity.name, place: Boolean(entity.position), parent: entity.parent?.name ?? null,
      balloon: entity.description?.getValue(now) ?? null,
    }));
  },
  /** Play the tour at a run, and tell how each flight ended. */
  async play() {
    const [tour] = source.kmlTours;
    if (!tour) return null;
    const planned = tour.playlist.map((entry) => ({ type: entry.type, seconds: entry.duration }));
    const ends = [];
    tour.playlist.forEach((entry) => { entry.duration = entry.type === "KmlTourWait" ? 0.01 : 0.2; });
    tour.entryEnd.addEventListener((entry) => { if (entry.type === "KmlTourFlyTo") ends.push(sight()); });
    let over = false;
    tour.tourEnd.addEventListener(() => { over = true; });
    tour.play(viewer.cesiumWidget);
    while (!over) { viewer.render(); await pause(20); }
    return { name: tour.name, tours: source.kmlTours.length, planned, ends };
  },
  async select(name, metres) {
    const entity = source.entities.values.find((one) => one.name === name && one.position);
    const place = Cesium.Cartographic.fromCartesian(entity.position.getValue(now));
    place.height = metres;
    viewer.camera.setView({ destination: Cesium.Cartographic.toCartesian(place) });
    viewer.selectedEntity = entity;
    await still();
    await pause(1000);
    await still();
  },
};
