/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_DEMO_WINDOW_H
#define GILYIELD_DEMO_DEMO_WINDOW_H

#include "heartbeat.h"
#include "print_counter.h"

#include <QMainWindow>
#include <QSet>

#include <functional>

class ConsoleView;
class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class SliceView;
class Timeline;

/*
 * The demo's main window. It knows no Python; what Python is to do it says through the onX functions. GUI thread only.
 *
 * Its buttons go by their object names. testButton and jobsButton each start a run; one at a time, so that the figures are
 * those of one run: while one of them is disabled, so is the other. cancelButton serves the runs of jobsButton. watchButton
 * stalls the GUI in the way that is chosen above it.
 */
class DemoWindow : public QMainWindow
{
  public:
    DemoWindow();

    /* Any thread. */
    static bool isButton(const QString &name);
    /* False if it is disabled. */
    bool pressButton(const QString &name);
    void setButtonEnabled(const QString &name, bool enabled);
    /* Disabled from now on; the tool tip says why. */
    void setButtonUnavailable(const QString &name, const QString &reason);
    bool buttonEnabled(const QString &name) const;
    QString buttonToolTip(const QString &name) const;
    /* What watchButton may do, and the number of what is chosen. */
    void setStalls(const QStringList &texts);
    int chosenStall() const;
    /* Of a run of jobsButton. */
    void setProgress(double percent, const QString &text);
    int shownPercent() const;
    void writeOutput(const QString &text, bool isError);
    /* The window with the figures of this moment. */
    QPixmap picture();
    /* A short line about how this run was started, under the heading. */
    void setNote(const QString &text);
    /* Called when a person or --auto presses a button. */
    std::function<void(const QString &name)> onButton;

    ConsoleView *const console;
    SliceView *const image;
    Heartbeat heartbeat;
    PrintCounter counter;

  private:
    QWidget *createPanel();
    QPushButton *createButton(const QString &name, const QString &text);
    QPushButton *button(const QString &name) const;
    void buttonPressed(const QString &name);
    void refresh();

    QSet<QString> unavailable;
    QComboBox *stalls;
    QProgressBar *progress;
    bool progressIsTheJobs = false; /* The bar shows what the job reports instead of the prints. */
    int shownPrints = 0;
    QLabel *note;
    QLabel *printsFigure;
    QLabel *gapFigure;
    Timeline *timeline;
    QLabel *statusText;
    QTimer refreshTimer;
};

#endif
