/* SPDX-License-Identifier: MIT */
/*
 * The demo: an application made the way 3D Slicer is made. The application object first, then Python, then exec() with the GIL
 * held all through. It does not know gilyield: it stands for an unmodified application.
 */
#include "demo_module.h"

#include "auto_run.h"
#include "console_view.h"
#include "demo_window.h"
#include "host.h"
#include "python_runtime.h"
#include "theme.h"

#include <QApplication>
#include <QCommandLineParser>

static QString scriptPath()
{
    const QString other = qEnvironmentVariable("DEMO_SCRIPT");
    return other.isEmpty() ? QString::fromUtf8(GILYIELD_DEMO_SCRIPT) : other;
}

static void addOptions(QCommandLineParser *parser)
{
    parser->setApplicationDescription("A Qt application made like 3D Slicer: its GUI thread keeps the GIL.");
    parser->addHelpOption();
    parser->addOption({"auto", "Press the button, print one line of JSON, quit."});
    parser->addOption({"jobs", "With --auto: press the second button, the one with gilyield.jobs."});
    parser->addOption({"cancel-at", "With --jobs: press Cancel at that many prints.", "N", "-1"});
    parser->addOption({"seconds", "With --auto: give the thread that long.", "N", "20"});
    parser->addOption({"screenshot", "With --auto: write a picture of the window.", "FILE"});
    parser->addOption({"screenshot-at", "Take it at that many prints instead of at the end.", "N", "1000"});
    parser->addOption({"type", "Type a line into the console: at the start, with --auto at the end; may be repeated.", "LINE"});
    parser->addOption({"note", "A line under the heading.", "TEXT"});
}

static int run(const QCommandLineParser &parser, DemoWindow *window)
{
    const Host host(false);
    setApplicationWindow(window);
    setApplicationEcho(!parser.isSet("auto"));
    window->setNote(parser.value("note"));
    if (!runScript(scriptPath().toLocal8Bit().constData())) {
        return 1;
    }
    window->show();
    const QStringList lines = parser.values("type");
    const auto typeLines = [window, lines] {
        for (const QString &line : lines) {
            window->console->enter(line);
        }
    };
    std::unique_ptr<AutoRun> automatic;
    if (parser.isSet("auto")) {
        const AutoRunOptions options = {parser.isSet("jobs") ? "jobsButton" : "testButton", parser.value("seconds").toDouble(),
                                        parser.value("cancel-at").toInt(), parser.value("screenshot"),
                                        parser.value("screenshot-at").toInt()};
        automatic = std::make_unique<AutoRun>(window, options);
        automatic->atEnd = typeLines;
    } else {
        QTimer::singleShot(0, window, typeLines);
    }
    return QCoreApplication::exec();
}

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QCommandLineParser parser;
    addOptions(&parser);
    parser.process(application);
    theme::apply();
    if (!startPython(1, argv, "application", initApplicationModule)) {
        return 1;
    }
    int code;
    {
        DemoWindow window;
        code = run(parser, &window);
        setApplicationWindow(nullptr);
    }
    /* Joins the threads that still run, as every embedding host does. */
    if (Py_FinalizeEx() != 0) {
        code = 120;
    }
    return pythonErrors ? 1 : code;
}
