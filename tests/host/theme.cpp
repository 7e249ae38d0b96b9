/* SPDX-License-Identifier: MIT */
#include "theme.h"

#include <QApplication>
#include <QFont>
#include <QPalette>
#include <QStyleFactory>

static const char styleSheet[] = R"(
    QFrame#panel { background: #2e333a; border: 1px solid #404750; border-radius: 6px; }
    QLabel#heading { font-size: 13pt; font-weight: bold; }
    QLabel#faint { color: #969faa; }
    QLabel#figure { font-size: 20pt; font-weight: bold; }
    QPushButton { background: #38b29d; color: #10201d; font-weight: bold; border: none; border-radius: 5px; padding: 10px; }
    QPushButton:hover { background: #4cc7b1; }
    QPushButton:pressed { background: #2c9683; }
    QPushButton:disabled { background: #3d454e; color: #8d96a1; }
    QPushButton#cancelButton { background: #e0a458; padding: 4px 10px; }
    QPushButton#cancelButton:hover { background: #ecb870; }
    QPushButton#cancelButton:disabled { background: #3d454e; }
    QProgressBar { background: #1a1d22; border: 1px solid #404750; border-radius: 5px; height: 20px; text-align: center; }
    QProgressBar::chunk { background: #2c8f7e; border-radius: 4px; }
    QPlainTextEdit, QLineEdit { background: #1a1d22; border: 1px solid #404750; border-radius: 4px; }
    QLineEdit { padding: 4px; }
    QStatusBar { background: #23272c; color: #c3cad2; }
    QStatusBar::item { border: none; }
    QStatusBar QLabel { padding: 4px 10px; }
    QScrollBar:vertical { background: #1a1d22; width: 10px; margin: 0; }
    QScrollBar::handle:vertical { background: #4a525c; border-radius: 4px; min-height: 24px; }
    QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
    QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: none; }
)";

void theme::apply()
{
    QPalette palette;
    palette.setColor(QPalette::Window, window);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, well);
    palette.setColor(QPalette::AlternateBase, panel);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::PlaceholderText, faintText);
    palette.setColor(QPalette::Button, panel);
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::Highlight, accent);
    palette.setColor(QPalette::HighlightedText, Qt::black);
    QApplication::setStyle(QStyleFactory::create("Fusion"));
    QApplication::setPalette(palette);
    QApplication::setFont(QFont("DejaVu Sans", 10));
    qobject_cast<QApplication *>(QCoreApplication::instance())->setStyleSheet(styleSheet);
}
