// SPDX-License-Identifier: MIT
//
// Qt's documented way to load a library by environment alone, for where nothing can be preloaded:
//
//     QT_PLUGIN_PATH=<libdir>/gilyield/qt5/plugins QT_QPA_GENERIC_PLUGINS=gilyield
//
// QGuiApplication loads generic plugins while it is being constructed. This one does nothing: it is linked with the shim, and the
// shim starts by itself, or stays dormant, as in a host that is linked with it. Qt loads a plugin only if it was built with
// the same or an earlier minor version of Qt, and only into a QGuiApplication: a QCoreApplication has no generic plugins.
#include <QGenericPlugin>

namespace
{

class GilyieldPlugin : public QGenericPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID QGenericPluginFactoryInterface_iid FILE "plugin.json")

  public:
    // GUI thread, with or without the GIL. Qt warns about a plugin that creates nothing, and deletes what is created.
    QObject *create(const QString &, const QString &) override
    {
        return new QObject;
    }
};

} // namespace

#include "plugin.moc"
