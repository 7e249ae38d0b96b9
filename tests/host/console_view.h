/* SPDX-License-Identifier: MIT */
#ifndef GILYIELD_DEMO_CONSOLE_VIEW_H
#define GILYIELD_DEMO_CONSOLE_VIEW_H

#include <QFrame>
#include <QStringList>

#include <functional>

class QLabel;
class QLineEdit;
class QPlainTextEdit;

/* The Python console as seen: output above, one line of input with history below. It knows no Python. */
class ConsoleView : public QFrame
{
  public:
    ConsoleView();

    void write(const QString &text, bool isError);
    void setPrompt(const QString &text);
    /* Takes the line as if it had been typed. */
    void enter(const QString &line);
    std::function<void(const QString &line)> onLine;

  protected:
    /* Up and down walk through the history. */
    bool eventFilter(QObject *receiver, QEvent *event) override;

  private:
    void recall(int step);

    QPlainTextEdit *output;
    QLabel *prompt;
    QLineEdit *input;
    QStringList history;
    int historyIndex = 0;
};

#endif
