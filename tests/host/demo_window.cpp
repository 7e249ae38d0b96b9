/* SPDX-License-Identifier: MIT */
#include "demo_window.h"

#include "console_view.h"
#include "slice_view.h"
#include "timeline.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStatusBar>
#include <QVBoxLayout>

static constexpr int refreshPeriodMs = 50;

static const QStringList starting = {"testButton", "jobsButton"};
static const char cancelling[] = "cancelButton";
static const char watching[] = "watchButton";

static QLabel *label(const char *objectName, const QString &text)
{
    QLabel *result = new QLabel(text);
    result->setObjectName(objectName);
    result->setWordWrap(true);
    return result;
}

DemoWindow::DemoWindow()
    : console(new ConsoleView), image(new SliceView), stalls(new QComboBox), progress(new QProgressBar), note(label("faint", "")),
      printsFigure(label("figure", "0")), gapFigure(label("figure", "–")), timeline(new Timeline), statusText(new QLabel)
{
    setWindowTitle("gilyield demo: a Qt application made like 3D Slicer");
    resize(1120, 830);

    QSplitter *vertical = new QSplitter(Qt::Vertical);
    vertical->addWidget(image);
    vertical->addWidget(console);
    vertical->setStretchFactor(0, 5);
    vertical->setStretchFactor(1, 3);
    vertical->setSizes({450, 330});

    QWidget *centre = new QWidget;
    QHBoxLayout *row = new QHBoxLayout(centre);
    row->setContentsMargins(10, 10, 10, 6);
    row->setSpacing(10);
    row->addWidget(createPanel());
    row->addWidget(vertical, 1);
    setCentralWidget(centre);
    statusBar()->addWidget(statusText);
    statusBar()->setSizeGripEnabled(false);

    connect(&refreshTimer, &QTimer::timeout, this, [this] { refresh(); });
    refreshTimer.start(refreshPeriodMs);
    refresh();
}

QWidget *DemoWindow::createPanel()
{
    QFrame *panel = new QFrame;
    panel->setObjectName("panel");
    panel->setFixedWidth(300);
    progress->setRange(0, PrintCounter::total);
    QPushButton *forum = createButton("testButton", "testButton");
    forum->setToolTip("The module of the forum thread as it was: a threading.Thread");
    QPushButton *jobs = createButton("jobsButton", "testButton with gilyield.jobs");
    jobs->setToolTip("The same work as it should be written: progress, cancel, errors");
    QPushButton *cancel = createButton(cancelling, "Cancel");
    cancel->setToolTip("Stops the job; the thread of the forum's module cannot be stopped");
    cancel->setEnabled(false);
    QPushButton *watch = createButton(watching, "What stalls the GUI?");
    watch->setToolTip("Stalls the GUI thread once, as chosen; gilyield.watch() says in the console what it did");
    stalls->setObjectName("stallChoice");
    stalls->setToolTip("What the button below does on the GUI thread");
    QHBoxLayout *running = new QHBoxLayout;
    running->addWidget(progress, 1);
    running->addWidget(cancel);

    QGridLayout *figures = new QGridLayout;
    figures->setHorizontalSpacing(12);
    figures->addWidget(printsFigure, 0, 0);
    figures->addWidget(gapFigure, 0, 1);
    figures->addWidget(label("faint", "prints"), 1, 0);
    figures->addWidget(label("faint", "GUI, longest gap"), 1, 1);

    QVBoxLayout *column = new QVBoxLayout(panel);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(12);
    column->addWidget(label("heading", "A thread from a button"));
    column->addWidget(note);
    column->addWidget(label("faint", "It counts down from ten million and prints 100 times: first as a forum user wrote it, "
                                     "then as it should be written. The GUI thread keeps the GIL through the whole event loop."));
    column->addWidget(forum);
    column->addWidget(jobs);
    column->addLayout(running);
    column->addWidget(stalls);
    column->addWidget(watch);
    column->addLayout(figures);
    column->addWidget(timeline, 1);
    return panel;
}

QPushButton *DemoWindow::createButton(const QString &name, const QString &text)
{
    QPushButton *result = new QPushButton(text);
    result->setObjectName(name);
    connect(result, &QPushButton::clicked, this, [this, name] { buttonPressed(name); });
    return result;
}

QPushButton *DemoWindow::button(const QString &name) const
{
    return findChild<QPushButton *>(name);
}

bool DemoWindow::isButton(const QString &name)
{
    return starting.contains(name) || name == cancelling || name == watching;
}

bool DemoWindow::pressButton(const QString &name)
{
    const bool enabled = buttonEnabled(name);
    button(name)->click();
    return enabled;
}

void DemoWindow::setButtonEnabled(const QString &name, bool enabled)
{
    for (const QString &each : starting.contains(name) ? starting : QStringList(name)) {
        button(each)->setEnabled(enabled && !unavailable.contains(each));
    }
}

void DemoWindow::setButtonUnavailable(const QString &name, const QString &reason)
{
    unavailable.insert(name);
    button(name)->setEnabled(false);
    button(name)->setToolTip(reason);
}

bool DemoWindow::buttonEnabled(const QString &name) const
{
    return button(name)->isEnabled();
}

QString DemoWindow::buttonToolTip(const QString &name) const
{
    return button(name)->toolTip();
}

void DemoWindow::setStalls(const QStringList &texts)
{
    stalls->clear();
    stalls->addItems(texts);
}

int DemoWindow::chosenStall() const
{
    return stalls->currentIndex();
}

void DemoWindow::setProgress(double percent, const QString &text)
{
    progress->setValue(int(percent));
    progress->setFormat(text);
}

int DemoWindow::shownPercent() const
{
    return progress->value();
}

void DemoWindow::setNote(const QString &text)
{
    note->setText(text);
    note->setVisible(!text.isEmpty());
}

void DemoWindow::writeOutput(const QString &text, bool isError)
{
    console->write(text, isError);
    if (!isError) {
        counter.write(text);
        if (counter.ended()) {
            /* The figures are those of the run. */
            heartbeat.stop();
        }
    }
}

void DemoWindow::buttonPressed(const QString &name)
{
    if (starting.contains(name)) {
        timeline->clear();
        heartbeat.restart();
        counter.restart();
        progressIsTheJobs = name == "jobsButton";
        progress->setValue(0);
    }
    if (onButton) {
        onButton(name);
    }
}

QPixmap DemoWindow::picture()
{
    refresh();
    return grab();
}

void DemoWindow::refresh()
{
    counter.watch();
    const double recentMs = heartbeat.takeRecentMs();
    if (counter.started() && !(counter.ended() && shownPrints == counter.prints())) {
        timeline->add(counter.seconds(), double(counter.prints()) / PrintCounter::total, recentMs);
    }
    const QString gap = counter.started() ? QString("%1 ms").arg(heartbeat.longestMs(), 0, 'f', 0) : QString("–");
    if (!progressIsTheJobs) {
        progress->setValue(counter.prints());
        progress->setFormat("%v of %m prints");
    }
    shownPrints = counter.prints();
    printsFigure->setText(QString::number(counter.prints()));
    gapFigure->setText(gap);

    QString thread = "not started";
    if (counter.started()) {
        thread = QString("%1 of %2 prints").arg(counter.prints()).arg(PrintCounter::total);
    }
    if (counter.ended()) {
        thread += QString(counter.finished() ? ", %1 in %2 s" : ", %1 after %2 s")
                      .arg(counter.end().toLower())
                      .arg(counter.seconds(), 0, 'f', 2);
    } else if (counter.stalledAfter() == counter.prints()) {
        thread += ", stalled";
    }
    statusText->setText(QString("thread: %1   |   GUI longest gap %2").arg(thread, gap));
}
