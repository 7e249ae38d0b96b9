/* SPDX-License-Identifier: MIT */
#include "console_view.h"

#include "theme.h"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

static constexpr int keptLines = 5000;

ConsoleView::ConsoleView() : output(new QPlainTextEdit), prompt(new QLabel(">>>")), input(new QLineEdit)
{
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    fixed.setPointSize(10);
    for (QWidget *widget : {static_cast<QWidget *>(output), static_cast<QWidget *>(prompt), static_cast<QWidget *>(input)}) {
        widget->setFont(fixed);
    }
    output->setReadOnly(true);
    output->setMaximumBlockCount(keptLines);
    input->setPlaceholderText("Python, in __main__");
    input->installEventFilter(this);
    connect(input, &QLineEdit::returnPressed, this, [this] {
        const QString line = input->text();
        input->clear();
        enter(line);
    });

    setObjectName("panel");
    QHBoxLayout *row = new QHBoxLayout;
    row->addWidget(prompt);
    row->addWidget(input);
    QVBoxLayout *column = new QVBoxLayout(this);
    column->setContentsMargins(10, 10, 10, 10);
    column->addWidget(output);
    column->addLayout(row);
}

void ConsoleView::write(const QString &text, bool isError)
{
    QTextCursor cursor(output->document());
    cursor.movePosition(QTextCursor::End);
    QTextCharFormat format;
    format.setForeground(isError ? theme::warm : theme::text);
    cursor.insertText(text, format);
    output->verticalScrollBar()->setValue(output->verticalScrollBar()->maximum());
}

void ConsoleView::setPrompt(const QString &text)
{
    prompt->setText(text);
}

void ConsoleView::enter(const QString &line)
{
    write(prompt->text() + ' ' + line + '\n', false);
    if (!line.isEmpty()) {
        history.append(line);
    }
    historyIndex = history.size();
    if (onLine) {
        onLine(line);
    }
}

void ConsoleView::recall(int step)
{
    historyIndex = std::min(int(history.size()), std::max(0, historyIndex + step));
    input->setText(history.value(historyIndex));
}

bool ConsoleView::eventFilter(QObject *receiver, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Up || key == Qt::Key_Down) {
            recall(key == Qt::Key_Up ? -1 : 1);
            return true;
        }
    }
    return QFrame::eventFilter(receiver, event);
}
