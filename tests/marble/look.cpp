// Opens KML files in Marble, KDE's globe, without a screen or network, and tells as JSON what Marble made of them.
//
//   look WISHES.json FOLDER FILE...
//
// WISHES is {"balloon": name of a placemark, "views": [{"name", "lon", "lat", "km"}]}; FOLDER takes a picture of each
// view, 1400 by 900, in which "km" lie between the middle and the upper edge.
#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTextStream>
#include <marble/FileManager.h>
#include <marble/GeoDataCoordinates.h>
#include <marble/GeoDataDocument.h>
#include <marble/GeoDataFolder.h>
#include <marble/GeoDataGeometry.h>
#include <marble/GeoDataIconStyle.h>
#include <marble/GeoDataPlacemark.h>
#include <marble/GeoDataPolyStyle.h>
#include <marble/GeoDataStyle.h>
#include <marble/GeoDataTreeModel.h>
#include <marble/GeoPainter.h>
#include <marble/MarbleMap.h>
#include <marble/MarbleModel.h>
#include <marble/ViewportParams.h>

using namespace Marble;

namespace {

const int width = 1400, height = 900;
const double earthKm = 6371.0;
const qint64 patienceMs = 300000;

struct Told {
  QString balloonOf, balloon;
  QJsonArray titles, folders, placemarks;
  QJsonObject kinds;
};

QJsonObject describe(const GeoDataPlacemark &mark) {
  qreal lon, lat;
  mark.coordinate().geoCoordinates(lon, lat, GeoDataCoordinates::Degree);
  QJsonObject told{{"name", mark.name()}, {"lon", lon}, {"lat", lat}, {"shown", mark.isGloballyVisible()}};
  told["geometry"] = mark.geometry() ? mark.geometry()->nodeType() : QString();
  const GeoDataStyle::ConstPtr style = mark.style();
  told["fill"] = style->polyStyle().color().name(QColor::HexArgb);
  const QImage icon = style->iconStyle().scaledIcon();
  if (!icon.isNull()) told["icon"] = icon.pixelColor(icon.width() / 2, icon.height() / 2).name();
  return told;
}

void walk(const GeoDataContainer &parent, Told &told) {
  for (int at = 0; at < parent.size(); ++at) {
    const GeoDataFeature *feature = parent.child(at);
    const QString kind = QString(feature->nodeType()).remove("GeoData");
    told.kinds[kind] = told.kinds[kind].toInt() + 1;
    if (const auto *mark = dynamic_cast<const GeoDataPlacemark *>(feature)) {
      told.placemarks.append(describe(*mark));
      if (mark->name() == told.balloonOf) told.balloon = mark->description();
    } else if (const auto *folder = dynamic_cast<const GeoDataContainer *>(feature)) {
      told.folders.append(folder->name());
      walk(*folder, told);
    }
  }
}

// Marble reads files in threads, the map's own too, and tells of each by its path; what went wrong is returned.
QStringList opened(MarbleModel &model, const QStringList &paths) {
  QSet<QString> waiting(paths.begin(), paths.end());
  QStringList wrong;
  QObject::connect(model.fileManager(), &FileManager::fileAdded, [&](const QString &path) { waiting.remove(path); });
  QObject::connect(model.fileManager(), &FileManager::fileError, [&](const QString &path, const QString &error) {
    waiting.remove(path);
    wrong << path + ": " + error;
  });
  for (const QString &path : paths) model.addGeoDataFile(path);
  QElapsedTimer clock;
  for (clock.start(); !waiting.isEmpty() && clock.elapsed() < patienceMs;) {
    QApplication::processEvents(QEventLoop::AllEvents, 50);
  }
  for (const QString &path : waiting) wrong << path + ": not read in time";
  QObject::disconnect(model.fileManager(), nullptr, nullptr, nullptr);
  return wrong;
}

QImage picture(MarbleMap &map, const QJsonObject &view) {
  map.setRadius(qRound(height / 2 * earthKm / view["km"].toDouble()));
  map.centerOn(view["lon"].toDouble(), view["lat"].toDouble());
  QImage image(width, height, QImage::Format_ARGB32_Premultiplied);
  QElapsedTimer clock;
  // symbols and background come in a few turns of the event loop after the first drawing
  for (clock.start(); clock.elapsed() < 2000;) {
    image.fill(Qt::black);
    GeoPainter painter(&image, map.viewport(), map.mapQuality());
    map.paint(painter, image.rect());
    QApplication::processEvents(QEventLoop::AllEvents, 50);
  }
  return image;
}

}  // namespace

int main(int argc, char **argv) {
  QApplication app(argc, argv);
  const QStringList given = app.arguments();
  QFile file(given.value(1));
  file.open(QIODevice::ReadOnly);
  const QJsonObject wishes = QJsonDocument::fromJson(file.readAll()).object();

  MarbleMap map;
  map.setSize(width, height);
  map.model()->setWorkOffline(true);
  map.setMapThemeId("earth/bluemarble/bluemarble.dgml");
  map.setShowCities(false);
  map.setShowOtherPlaces(false);
  map.setShowTerrain(false);
  map.setShowCrosshairs(false);
  map.setShowGrid(false);
  map.setShowOverviewMap(false);
  map.setMapQualityForViewContext(HighQuality, Still);
  const QStringList wrong = opened(*map.model(), given.mid(3));

  Told told;
  told.balloonOf = wishes["balloon"].toString();
  for (const QString &path : given.mid(3)) {
    if (const GeoDataDocument *document = map.model()->fileManager()->at(path)) {
      told.titles.append(document->name());
      walk(*document, told);
    }
  }
  for (const QJsonValue view : wishes["views"].toArray()) {
    picture(map, view.toObject()).save(QDir(given.value(2)).filePath(view.toObject()["name"].toString() + ".png"));
  }
  const QJsonObject all{{"wrong", QJsonArray::fromStringList(wrong)}, {"titles", told.titles},
                        {"folders", told.folders}, {"kinds", told.kinds}, {"balloon", told.balloon},
                        {"placemarks", told.placemarks}};
  QTextStream(stdout) << QJsonDocument(all).toJson(QJsonDocument::Compact) << "\n";
  return 0;
}
