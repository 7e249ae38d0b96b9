/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_TESTHOST_LOOPS_H
#define GILYIELD_TESTHOST_LOOPS_H

#include <QString>
#include <QStringList>

/*
 * The ways a host runs an event loop, or blocks, inside a slot. All on the GUI thread. They neither take nor give up the GIL:
 * a caller in a releasing host puts a LoopScope around them.
 */
namespace loops
{

void nested(int ms);
void processEvents(int ms);
/* These two need a QApplication. */
void modalDialog(int ms);
void menu(int ms);

/* Runs a nested loop here and, in a QThread, an event loop with a 1 ms timer; returns how often that timer fired. */
int workerThread(int ms);

/* QProcess::waitForFinished(). Returns the exit code, or -1 with a sentence in `error`. */
int waitForProcess(const QStringList &command, int timeoutMs, QString *error);

/* Posts n events to the GUI thread, each from the handler of the one before; returns nanoseconds per event. */
double turns(int n);

} // namespace loops

#endif
